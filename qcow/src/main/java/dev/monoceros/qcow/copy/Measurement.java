package dev.monoceros.qcow.copy;

import java.util.OptionalLong;

/**
 * How large a file an image would need, in bytes.
 *
 * @param required for what the source holds
 * @param fullyAllocated for a disk that is full of data
 * @param bitmaps for the source's persistent bitmaps, where both formats have such
 */
public record Measurement(long required, long fullyAllocated, OptionalLong bitmaps) {}
