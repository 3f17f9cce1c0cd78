package dev.monoceros.cli.exit;

import dev.monoceros.machine.MachineException;
import dev.monoceros.machine.RunResult;

/** What the process ends with. Users' scripts depend on these numbers. */
public final class ExitCode {
  /** The marker was seen, or the guest's own kernel powered off, halted or reset. */
  public static final int PASS = 0;

  /** PANIC, TRIPLE_FAULT, HANG, or ended without the marker. */
  public static final int GUEST_FAILED = 1;

  /** Wrong arguments, or a file that cannot be booted. */
  public static final int USAGE = 2;

  /** A limit of host or virtual time was reached. */
  public static final int TIMEOUT = 3;

  /** The emulator or the host failed. */
  public static final int EMULATOR_FAULT = 4;

  /** A disk image is missing, broken or in use. */
  public static final int IMAGE_ERROR = 5;

  /** The guest wrote n to the debug-exit port: this and n. */
  public static final int DEBUG_EXIT = 16;

  /** The largest n that fits below {@link #SIGNAL}. */
  public static final int LARGEST_DEBUG_EXIT = 111;

  /** Ended by signal n: this and n. */
  public static final int SIGNAL = 128;

  /** Ctrl-A X counts as SIGINT. */
  public static final int INTERRUPTED = SIGNAL + 2;

  private ExitCode() {}

  /** Of a run that nobody stopped from outside. */
  public static int of(RunResult result) {
    return switch (result.verdict()) {
      case PASS -> PASS;
      case PANIC, TRIPLE_FAULT, HANG, NO_MARKER -> GUEST_FAILED;
      case TIMEOUT -> TIMEOUT;
      case EMULATOR_FAULT -> EMULATOR_FAULT;
      case IMAGE_ERROR -> IMAGE_ERROR;
      case DEBUG_EXIT ->
          DEBUG_EXIT + Math.clamp(result.debugExit().orElse(0), 0, LARGEST_DEBUG_EXIT);
      case STOPPED -> INTERRUPTED;
    };
  }

  /** Of a machine that could not be made. */
  public static int of(MachineException.Kind kind) {
    return switch (kind) {
      case CONFIG -> USAGE;
      case IMAGE -> IMAGE_ERROR;
      case HOST -> EMULATOR_FAULT;
    };
  }
}
