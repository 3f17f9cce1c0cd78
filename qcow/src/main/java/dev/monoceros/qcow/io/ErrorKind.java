package dev.monoceros.qcow.io;

/** Why an image operation failed. The names are stable: programs may match on them. */
public enum ErrorKind {
  /** There is no such file. */
  NOT_FOUND,
  /** The file is there, but the host does not let this user open it this way. */
  ACCESS_DENIED,
  /** The file that was to be created is there already. */
  EXISTS,
  /** The file is not an image of the format that was asked for. */
  WRONG_FORMAT,
  /** The image uses a feature that this library does not serve; the message names it. */
  UNSUPPORTED,
  /** The image contradicts itself or its specification; the offset says where. */
  CORRUPT,
  /** The image was not closed cleanly and its refcounts cannot be trusted for writing. */
  DIRTY,
  /** Another process, or another image in this JVM, holds the file. */
  LOCKED,
  /** A write to an image that is open for reading only. */
  READ_ONLY,
  /** A write to a probed raw image that would make its first sector another format's header. */
  FORMAT_GUARD,
  /** The host disk, a quota, or the limit of an in-memory overlay is exhausted. */
  NO_SPACE,
  /** An option value outside its range. */
  BAD_OPTION,
  /** The host failed to read, write or flush. */
  IO
}
