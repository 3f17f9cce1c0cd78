package dev.monoceros.cli.boot;

import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The kernel's command line. */
final class KernelLine {
  private static final String CONSOLE = "console=ttyS0";
  private static final String PANIC = "panic=-1";

  private KernelLine() {}

  /**
   * A line that leads to the first serial port and ends a run at a panic.
   *
   * @param entry what a boot entry says, to which is added what it lacks for that; empty for none
   * @param root {@code root=...}, or empty
   * @param append added at the end, so that it wins
   */
  static String of(String entry, String root, String append) {
    String console = endsOnSerialPort(entry) ? "" : CONSOLE;
    String panic = (" " + entry).contains(" panic=") ? "" : PANIC;
    return Stream.of(entry, console, panic, root, append)
        .map(String::strip)
        .filter(part -> !part.isEmpty())
        .collect(Collectors.joining(" "));
  }

  /** The last console named becomes /dev/console (Linux, admin-guide/serial-console.rst). */
  private static boolean endsOnSerialPort(String entry) {
    return Arrays.stream(entry.split(" "))
        .filter(word -> word.startsWith("console="))
        .reduce((one, next) -> next)
        .filter(last -> last.equals(CONSOLE) || last.startsWith(CONSOLE + ","))
        .isPresent();
  }
}
