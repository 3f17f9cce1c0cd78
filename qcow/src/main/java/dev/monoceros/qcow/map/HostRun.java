package dev.monoceros.qcow.map;

/**
 * Clusters that were just allocated and that nothing points at yet.
 *
 * @param offset of the first one in the file
 * @param count how many, in a row
 * @param bytes their length in bytes
 * @param fileSize length of the file when they were allocated; beyond it they read as zero
 */
public record HostRun(long offset, int count, long bytes, long fileSize) {}
