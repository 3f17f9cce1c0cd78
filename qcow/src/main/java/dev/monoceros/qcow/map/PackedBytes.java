package dev.monoceros.qcow.map;

/**
 * Room for one compressed cluster that nothing points at yet. It may begin and end within host
 * clusters and cross from one into the next.
 *
 * @param offset of its first byte in the file
 * @param length in bytes
 * @param fileSize length of the file when it was allocated
 */
public record PackedBytes(long offset, int length, long fileSize) {}
