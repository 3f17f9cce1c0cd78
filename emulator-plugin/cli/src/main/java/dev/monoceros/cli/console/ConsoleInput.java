package dev.monoceros.cli.console;

import dev.monoceros.machine.chipset.ConsoleSource;

/** Where the guest's input comes from, for one run. */
public sealed interface ConsoleInput extends ConsoleSource permits ScriptInput, TerminalInput {
  /** Lets a machine that waits for a byte go on, because it is to stop; from any thread. */
  void release();
}
