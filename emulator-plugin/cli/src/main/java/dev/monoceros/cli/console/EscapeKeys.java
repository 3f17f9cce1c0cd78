package dev.monoceros.cli.console;

import dev.monoceros.machine.chipset.ConsoleSource;
import java.util.function.IntConsumer;

/**
 * The keys that are meant for us and not for the guest: Ctrl-A and then one of {@link KeyActions},
 * Ctrl-A and then B, which sends a break, and Ctrl-A twice, which sends one Ctrl-A. Anything else
 * after Ctrl-A is dropped.
 */
final class EscapeKeys {
  private static final int ESCAPE = 'A' & 0x1f;

  private final IntConsumer guest;
  private final KeyActions actions;
  private boolean escaped;

  EscapeKeys(IntConsumer guest, KeyActions actions) {
    this.guest = guest;
    this.actions = actions;
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
      case 'x', 'X' -> actions.quit();
      case 'p', 'P' -> actions.powerButton();
      case 'n', 'N' -> actions.nmi();
      case 'b', 'B' -> guest.accept(ConsoleSource.BREAK);
      case 'w', 'W' -> actions.windowSize().chars().forEach(guest);
      case 'h', 'H', '?' -> actions.help();
      default -> {
        // not a key of ours
      }
    }
  }
}
