package dev.monoceros.machine.cpu;

/**
 * Registers of a CPU entering a kernel in 32-bit protected mode without paging.
 *
 * @param eip entry, physical
 * @param ebx argument
 * @param gdtBase physical address of a GDT in RAM
 * @param gdtLimit its limit in bytes
 * @param codeSelector a flat 32-bit code segment, DPL 0
 * @param dataSelector a flat data segment, DPL 0
 * @param taskSelector a busy 32-bit TSS
 */
public record ProtectedState(
    long eip,
    long ebx,
    long gdtBase,
    int gdtLimit,
    int codeSelector,
    int dataSelector,
    int taskSelector) {}
