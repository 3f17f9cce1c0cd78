package dev.monoceros.machine.boot;

/**
 * The CPU at a kernel's PVH entry point (Xen, docs/misc/pvh.pandoc): 32-bit protected mode without
 * paging, flat segments, an active TSS, interrupts off.
 *
 * @param eip entry point, physical
 * @param ebx physical address of hvm_start_info
 * @param gdtBase physical address of the GDT
 * @param gdtLimit last byte of the GDT
 * @param codeSelector 32-bit code, base 0, limit 4 GiB
 * @param dataSelector 32-bit writable data, base 0, limit 4 GiB
 * @param taskSelector a 32-bit TSS, base 0, limit 0x67
 */
public record PvhState(
    long eip,
    long ebx,
    long gdtBase,
    int gdtLimit,
    int codeSelector,
    int dataSelector,
    int taskSelector) {}
