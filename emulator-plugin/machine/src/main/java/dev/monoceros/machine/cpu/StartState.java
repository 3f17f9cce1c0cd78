package dev.monoceros.machine.cpu;

/**
 * Registers of a CPU entering a kernel in 64-bit mode, paging on (Linux boot protocol, "64-bit boot
 * protocol").
 *
 * @param rip entry, linear
 * @param rsi argument
 * @param rsp stack
 * @param cr3 top-level page table, physical
 * @param gdtBase linear address of a GDT in RAM
 * @param gdtLimit its limit in bytes
 * @param codeSelector a 64-bit code segment, DPL 0
 * @param dataSelector a flat data segment, DPL 0
 */
public record StartState(
    long rip,
    long rsi,
    long rsp,
    long cr3,
    long gdtBase,
    int gdtLimit,
    int codeSelector,
    int dataSelector) {}
