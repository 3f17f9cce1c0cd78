package dev.monoceros.cli.console;

/** What the keys after Ctrl-A do; all on the keyboard's thread. */
public interface KeyActions {
  /** Ctrl-A X, and a terminal that goes away: ends the run. */
  void quit();

  /** Ctrl-A P: presses the power button. */
  void powerButton();

  /** Ctrl-A N: pulses the NMI. */
  void nmi();

  /** Ctrl-A H: tells the keys. */
  void help();

  /**
   * Ctrl-A W: what to type so that the guest learns the window's size, which a serial line does not
   * carry.
   */
  String windowSize();
}
