package dev.monoceros.machine.chipset;

/**
 * What guest software may ask of the machine as a whole. Requests are only noted here; the CPU
 * stops at its next block boundary.
 */
public interface MachineControl {
  /** The guest asked for the power to be switched off. */
  void powerOff();

  /**
   * The guest asked for a reset.
   *
   * @param how by which device, for people: "port 0xcf9", "keyboard controller", ...
   */
  void reset(String how);

  /** The guest's kernel reported that it panicked. */
  void panicked();

  /**
   * The guest wrote to the debug-exit port.
   *
   * @param value what it wrote, 0 to {@link Integer#MAX_VALUE} (larger values are reported as that)
   */
  void debugExit(int value);
}
