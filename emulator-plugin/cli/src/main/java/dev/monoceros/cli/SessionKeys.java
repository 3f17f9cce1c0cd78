package dev.monoceros.cli;

import dev.monoceros.cli.console.KeyActions;
import dev.monoceros.cli.exit.ExitCode;
import dev.monoceros.machine.Verdict;

/** What the keys after Ctrl-A do in every kind of run. */
abstract class SessionKeys implements KeyActions {
  private final RunControl control;

  SessionKeys(RunControl control) {
    this.control = control;
  }

  @Override
  public final void quit() {
    control.stop(Verdict.STOPPED, "stopped by Ctrl-A X", ExitCode.INTERRUPTED);
  }

  @Override
  public final void powerButton() {
    control.pressPowerButton();
  }

  @Override
  public final void nmi() {
    control.injectNmi();
  }
}
