package dev.monoceros.images;

/**
 * Told what the package cache is doing, so that a command line can draw a line. Called on the
 * thread that asked.
 */
@FunctionalInterface
public interface Progress {
  /** The stages of getting something into the cache. */
  enum Phase {
    /** Another process is filling the same cache; this one waits for it. */
    WAITING,
    /** Fetching and verifying the package index of a suite. */
    INDEX,
    /** Fetching packages. */
    DOWNLOAD,
    /** Unpacking packages into the cache. */
    UNPACK,
    /** Building an image. */
    BUILD
  }

  /** Reports nothing. */
  Progress NONE = (phase, subject, done, total) -> {};

  /**
   * One step.
   *
   * @param phase the stage
   * @param subject a suite, package or image name
   * @param done bytes done so far, at least 0
   * @param total bytes in all, or -1 when unknown
   */
  void update(Phase phase, String subject, long done, long total);
}
