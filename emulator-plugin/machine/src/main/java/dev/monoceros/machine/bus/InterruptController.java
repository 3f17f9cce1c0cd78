package dev.monoceros.machine.bus;

/** What a CPU sees of interrupts: its INTR pin and the acknowledge cycle. */
public interface InterruptController {
  /** The level of the INTR pin. Cheap: asked at block boundaries. */
  boolean pending();

  /**
   * The interrupt acknowledge cycle: takes the most urgent request.
   *
   * @return its vector, 0 to 255; the spurious vector if the request has gone
   */
  int acknowledge();

  /** Sets the one listener that runs whenever {@link #pending} may have changed. */
  void onChange(Runnable listener);
}
