package dev.monoceros.cli.disk;

/**
 * One partition.
 *
 * @param number as the kernel counts: 1 is vda1
 * @param begin first byte on the disk
 * @param bytes its length
 * @param linux whether its type says Linux
 */
public record Partition(int number, long begin, long bytes, boolean linux) {}
