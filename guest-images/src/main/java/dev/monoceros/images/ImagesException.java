package dev.monoceros.images;

import dev.monoceros.qcow.ImageException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;

/**
 * An expected failure while fetching packages or building images. The message is one sentence meant
 * for a user; the kind is stable and meant for programs.
 */
public final class ImagesException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What went wrong, in a form that programs can switch on. */
  public enum Kind {
    /** The cache lacks something and fetching is not allowed. */
    OFFLINE,
    /** This machine has no usable apt: the user has to give the files by hand. */
    NO_APT,
    /** apt could not fetch or verify: network, mirror, signature, unknown package. */
    FETCH_FAILED,
    /** A package, kernel, module or image input is malformed or not what it claims to be. */
    BAD_INPUT,
    /** The host forbids something that is needed, or is of the wrong architecture. */
    HOST,
    /** An unpacked program failed. */
    TOOL_FAILED,
    /** A file of the cache or of the output cannot be read or written. */
    IO
  }

  private final Kind kind;

  /** Makes an exception whose message is the whole sentence shown to the user. */
  public ImagesException(Kind kind, String sentence) {
    super(sentence);
    this.kind = Objects.requireNonNull(kind);
  }

  /** Same, keeping the cause for logs; the sentence must not repeat it. */
  public ImagesException(Kind kind, String sentence, Throwable cause) {
    super(sentence, cause);
    this.kind = Objects.requireNonNull(kind);
  }

  /** The stable kind of the failure. */
  public Kind kind() {
    return kind;
  }

  /** Wraps an I/O error into one sentence: what was being done, to which file, why it failed. */
  public static ImagesException io(String action, Path path, IOException cause) {
    return new ImagesException(
        Kind.IO, "Cannot " + action + " " + path + ": " + reason(cause, path) + ".", cause);
  }

  private static String reason(IOException cause, Path path) {
    return switch (cause) {
      // Its message begins with the path, which the sentence names already.
      case ImageException image ->
          image.getMessage().substring(image.path().toString().length() + 2);
      case NoSuchFileException missing -> "no such file " + missing.getFile();
      case AccessDeniedException denied -> "permission denied for " + denied.getFile();
      case FileSystemException failed when failed.getReason() != null -> failed.getReason();
      default -> cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    };
  }
}
