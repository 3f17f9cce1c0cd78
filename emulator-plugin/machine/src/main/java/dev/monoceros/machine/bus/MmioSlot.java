package dev.monoceros.machine.bus;

/**
 * Where a device sits that no bus lists.
 *
 * @param base physical address of its registers, below 4 GiB
 * @param length bytes of registers
 * @param irq its interrupt, level triggered, active high, shared with others
 */
public record MmioSlot(long base, long length, int irq) {}
