package dev.monoceros.images.bootdisk;

/**
 * Nothing on the disk can be booted, or what would be booted cannot be told. The message is one
 * sentence without a final period.
 */
public final class NoKernelException extends Exception {
  private static final long serialVersionUID = 1L;

  NoKernelException(String sentence) {
    super(Printable.of(sentence));
  }
}
