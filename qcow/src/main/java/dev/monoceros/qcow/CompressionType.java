package dev.monoceros.qcow;

/** How compressed clusters are compressed, header byte 104. */
public enum CompressionType {
  /** Raw deflate, RFC 1951, in a window of 4 KiB. */
  ZLIB,
  /** RFC 8878; an incompatible feature. */
  ZSTD
}
