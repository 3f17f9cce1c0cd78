package dev.monoceros.qcow;

/**
 * A persistent dirty bitmap, section "Bitmaps".
 *
 * @param name unique in the image, at most 1023 bytes of UTF-8
 * @param granularity bytes of disk that a bit stands for, a power of two
 * @param inUse it was not saved properly and cannot be trusted
 * @param auto enabled: it tracks all writes
 */
public record Bitmap(String name, long granularity, boolean inUse, boolean auto) {}
