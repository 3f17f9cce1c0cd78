package dev.monoceros.cli.io;

/** A request that the image did not carry out; expected, and therefore without a stack trace. */
final class RequestFailure extends Exception {
  private static final long serialVersionUID = 1L;

  private final Errno errno;

  RequestFailure(Errno errno) {
    super(errno.text(), null, false, false);
    this.errno = errno;
  }

  Errno errno() {
    return errno;
  }
}
