package dev.monoceros.qcow.copy;

import dev.monoceros.qcow.ImageException;
import java.io.IOException;

/** A copy that failed half-way. The cause says why; this says where. */
public final class CopyException extends IOException {
  private static final long serialVersionUID = 1L;

  /** What was being done. */
  public enum Step {
    /** Asking how a stretch is stored. */
    STATUS,
    READ,
    WRITE,
    /** Writing out, or changing the metadata, after the last byte was copied. */
    FINISH
  }

  private final Step step;
  private final int disk;
  private final long offset;

  CopyException(Step step, int disk, long offset, ImageException cause) {
    super(cause.getMessage(), cause);
    this.step = step;
    this.disk = disk;
    this.offset = offset;
  }

  public Step step() {
    return step;
  }

  /** Which disk, in the order in which the operation takes them, from 0. */
  public int disk() {
    return disk;
  }

  /** Byte offset on the disk. */
  public long offset() {
    return offset;
  }

  /** Why. */
  public ImageException reason() {
    return (ImageException) getCause();
  }
}
