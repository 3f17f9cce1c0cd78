package dev.monoceros.virtio.pci;

/**
 * Where a PCI function's interrupts go: a port that the machine implements. With MSI-X off (or
 * without it) there is the level of INTx; with MSI-X on there are messages.
 */
public interface InterruptSink {

  /**
   * The level of the function's INTx pin, as the ISR status wants it; called on changes only. The
   * machine masks it with the command register and mirrors it in the PCI status register.
   */
  void intx(boolean asserted);

  /** How many MSI-X vectors the function has, 0 without the capability. Constant. */
  default int msixVectors() {
    return 0;
  }

  /** Whether the driver has switched MSI-X on in the function's MSI-X capability. */
  default boolean msixEnabled() {
    return false;
  }

  /** Sends the MSI-X message of {@code vector}, 0 to {@link #msixVectors} - 1; masking is yours. */
  default void msix(int vector) {
    throw new IllegalStateException("no MSI-X vector " + vector);
  }

  /**
   * Takes the message of {@code vector} back if it is still pending: what it told of is gone, and
   * it must not come when the vector is unmasked (PCI 3.0, 6.8.3.5).
   */
  default void withdraw(int vector) {}
}
