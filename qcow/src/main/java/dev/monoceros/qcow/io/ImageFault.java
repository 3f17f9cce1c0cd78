package dev.monoceros.qcow.io;

import java.io.IOException;
import java.util.Locale;
import java.util.Optional;

/**
 * A failure inside the library, before the image's path and the caller's operation are known. The
 * image's outer layer turns it into an {@code ImageException}; nothing else catches it for good.
 */
public final class ImageFault extends IOException {
  private static final long serialVersionUID = 1L;

  /** The fault concerns no single place in the file. */
  public static final long NO_OFFSET = -1;

  private final ErrorKind kind;
  private final long offset;
  private boolean endsWriting;
  private String hint;

  /**
   * @param kind what went wrong
   * @param offset byte offset in the image file, or {@link #NO_OFFSET}
   * @param sentence one clause without the path and without a full stop
   */
  public ImageFault(ErrorKind kind, long offset, String sentence) {
    super(sentence);
    this.kind = kind;
    // An offset that an image claims may be one that no file has.
    this.offset = offset < 0 ? NO_OFFSET : offset;
  }

  private ImageFault(ErrorKind kind, long offset, String sentence, IOException cause) {
    this(kind, offset, sentence);
    initCause(cause);
  }

  /** A contradiction in the image, found at {@code offset}. */
  public static ImageFault corrupt(long offset, String sentence) {
    return new ImageFault(ErrorKind.CORRUPT, offset, sentence);
  }

  /**
   * A write to {@code offset} would have hit metadata: nothing in the image can be trusted enough
   * to write to it any more.
   *
   * @param metadata what is there, as QEMU calls it
   */
  public static ImageFault overlap(long offset, String metadata) {
    ImageFault fault =
        corrupt(offset, "Preventing invalid write on metadata (overlaps with " + metadata + ")");
    fault.endsWriting = true;
    return fault;
  }

  /** True if the image must be marked corrupt. */
  public boolean endsWriting() {
    return endsWriting;
  }

  /** A feature of the image, found at {@code offset}, that is not served. */
  public static ImageFault unsupported(long offset, String sentence) {
    return new ImageFault(ErrorKind.UNSUPPORTED, offset, sentence);
  }

  /**
   * The same fault, said of another file than the one being worked on; its offset goes with the
   * file.
   *
   * @param place names that file
   */
  public ImageFault within(String place) {
    ImageFault fault = new ImageFault(kind, NO_OFFSET, place + ": " + getMessage());
    fault.initCause(getCause());
    return fault;
  }

  /** Wraps what the host said while the library tried to {@code action} at {@code offset}. */
  static ImageFault host(String action, long offset, IOException cause) {
    if (cause instanceof ImageFault fault) {
      return fault;
    }
    String place = offset == NO_OFFSET ? "" : " at offset " + offset;
    if (isDiskFull(cause)) {
      String sentence = "the host disk is full, cannot " + action + place;
      return new ImageFault(ErrorKind.NO_SPACE, offset, sentence, cause);
    }
    return new ImageFault(ErrorKind.IO, offset, "cannot " + action + place, cause);
  }

  /** The same with a sentence of its own. */
  static ImageFault host(String sentence, IOException cause) {
    ErrorKind kind = isDiskFull(cause) ? ErrorKind.NO_SPACE : ErrorKind.IO;
    return new ImageFault(kind, NO_OFFSET, sentence, cause);
  }

  /** The JDK passes the errno on as the C library's text only. */
  private static boolean isDiskFull(IOException cause) {
    String text = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
    return text.contains("no space left")
        || text.contains("quota exceeded")
        || text.contains("file too large")
        || text.contains("not enough space");
  }

  /** Adds a question or advice that belongs on a line of its own, as QEMU's error hints. */
  public ImageFault withHint(String text) {
    hint = text;
    return this;
  }

  /** See {@link #withHint}. */
  public Optional<String> hint() {
    return Optional.ofNullable(hint);
  }

  /** What went wrong. */
  public ErrorKind kind() {
    return kind;
  }

  /** Byte offset in the image file, or {@link #NO_OFFSET}. */
  public long offset() {
    return offset;
  }
}
