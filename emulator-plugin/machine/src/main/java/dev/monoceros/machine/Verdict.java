package dev.monoceros.machine;

/** How a run ended. */
public enum Verdict {
  /** The expected line was seen; or the guest's own kernel powered off, halted or reset. */
  PASS,
  /** The run ended without the expected line. */
  NO_MARKER,
  /** The kernel said that it panicked. */
  PANIC,
  /** The CPU shut down without the kernel having announced a restart. */
  TRIPLE_FAULT,
  /** The guest waits for something that cannot come. */
  HANG,
  /** A limit of host or virtual time was reached. */
  TIMEOUT,
  /** The guest wrote to the debug-exit port. */
  DEBUG_EXIT,
  /** Somebody stopped the run. */
  STOPPED,
  /** The emulator failed. */
  EMULATOR_FAULT,
  /** A disk image is broken, or the host could not read or write it. */
  IMAGE_ERROR
}
