/**
 * How compressed clusters are packed: raw deflate (RFC 1951) within a window of 4 KiB, and zstd
 * (RFC 8878). Bytes in, bytes out; where they are in the file is decided elsewhere.
 */
package dev.monoceros.qcow.codec;
