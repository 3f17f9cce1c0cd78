package dev.monoceros.qcow;

import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * An image operation that failed. The message is one clause that names the file; what the host
 * said, if it was the host, is the cause and is not repeated in the message.
 */
public final class ImageException extends IOException {
  private static final long serialVersionUID = 1L;

  /** {@link #offset()} of a failure that concerns no single place. */
  public static final long NO_OFFSET = ImageFault.NO_OFFSET;

  private final ErrorKind kind;
  private final String path;
  private final long offset;
  private final Operation operation;
  private final String sentence;
  private String hint;

  ImageException(Path path, Operation operation, ErrorKind kind, long offset, String sentence) {
    this(path.toString(), operation, kind, offset, sentence);
  }

  private ImageException(
      String path, Operation operation, ErrorKind kind, long offset, String sentence) {
    super(path + ": " + sentence);
    this.path = path;
    this.sentence = sentence;
    this.operation = operation;
    this.kind = kind;
    this.offset = offset;
  }

  /** The same failure, now with the path and the operation, and with the trace of its origin. */
  static ImageException of(Path path, Operation operation, ImageFault fault) {
    return of(path.toString(), operation, fault);
  }

  /**
   * The failure as the user of an image sees it.
   *
   * @param name of the image: a path, or another kind of name that QEMU knows
   */
  public static ImageException of(String name, Operation operation, ImageFault fault) {
    ImageException e =
        new ImageException(name, operation, fault.kind(), fault.offset(), fault.getMessage());
    e.hint = fault.hint().orElse(null);
    e.initCause(fault.getCause());
    e.setStackTrace(fault.getStackTrace());
    for (Throwable suppressed : fault.getSuppressed()) {
      e.addSuppressed(suppressed);
    }
    return e;
  }

  /** The failure without the name and the operation, for somebody who will give it others. */
  public ImageFault asFault() {
    ImageFault fault = new ImageFault(kind, offset, sentence);
    fault.withHint(hint);
    fault.initCause(getCause());
    fault.setStackTrace(getStackTrace());
    for (Throwable suppressed : getSuppressed()) {
      fault.addSuppressed(suppressed);
    }
    return fault;
  }

  /** The message without the name. */
  public String sentence() {
    return sentence;
  }

  /** A question or advice for a line of its own, where QEMU's commands print one. */
  public Optional<String> hint() {
    return Optional.ofNullable(hint);
  }

  /** Why; stable, for programs. */
  public ErrorKind kind() {
    return kind;
  }

  /**
   * The image file; of an image with another kind of name, such as {@code json:{...}}, that name.
   *
   * @throws java.nio.file.InvalidPathException if that is a name that no file of this host can have
   */
  public Path path() {
    return Path.of(path);
  }

  /** Byte offset in the image file, or {@link #NO_OFFSET}. */
  public long offset() {
    return offset;
  }

  /** What was being done. */
  public Operation operation() {
    return operation;
  }
}
