package dev.monoceros.cli.console;

import dev.monoceros.machine.chipset.ConsoleSource;
import java.util.function.IntConsumer;

/**
 * The keys that are meant for us and not for the guest: Ctrl-A and then X ends the run, Ctrl-A and
 * then P presses the power button, Ctrl-A and then N pulses the NMI, Ctrl-A and then B sends a
 * break, Ctrl-A and then H tells the keys, Ctrl-A twice sends one Ctrl-A. Anything else after
 * Ctrl-A is dropped.
 */
final class EscapeKeys {
  private static final int ESCAPE = 'A' & 0x1f;

  private final IntConsumer guest;
  private final Runnable quit;
  private final Runnable powerButton;
  private final Runnable nmi;
  private final Runnable help;
  private boolean escaped;

  EscapeKeys(IntConsumer guest, Runnable quit, Runnable powerButton, Runnable nmi, Runnable help) {
    this.guest = guest;
    this.quit = quit;
    this.powerButton = powerButton;
    this.nmi = nmi;
    this.help = help;
  }

  void typed(int b) {
    if (!escaped) {
      if (b == ESCAPE) {
        escaped = true;
      } else {
        guest.accept(b);
      }
      return;
    }
    escaped = false;
    switch (b) {
      case ESCAPE -> guest.accept(ESCAPE);
      case 'x', 'X' -> quit.run();
      case 'p', 'P' -> powerButton.run();
      case 'n', 'N' -> nmi.run();
      case 'b', 'B' -> guest.accept(ConsoleSource.BREAK);
      case 'h', 'H', '?' -> help.run();
      default -> {
        // not a key of ours
      }
    }
  }
}
