/**
 * The command {@code monoceros}. Start reading at {@link dev.monoceros.cli.Main}; {@link
 * dev.monoceros.cli.RunCommand} holds the options of a run, {@link dev.monoceros.cli.RunSession}
 * the run itself.
 *
 * <p>The rest of the house is told everything and asks nothing of the host; this module is where
 * the host's streams, signals, terminal, clock and environment come in.
 */
package dev.monoceros.cli;
