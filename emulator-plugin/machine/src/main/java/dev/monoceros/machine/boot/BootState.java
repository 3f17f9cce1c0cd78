package dev.monoceros.machine.boot;

/**
 * The CPU at the kernel's first instruction (boot.rst, "64-bit boot protocol"): long mode, identity
 * paging over the first 4 GiB, flat segments, interrupts off. All other registers are zero.
 *
 * @param rip entry point, physical
 * @param rsi physical address of boot_params
 * @param rsp a small stack below 1 MiB
 * @param rflags only the bit that is always one
 * @param cr0 protected mode, paging, write protection, FPU present
 * @param cr3 physical address of the page tables
 * @param cr4 PAE
 * @param efer long mode enabled and active
 * @param gdtBase physical address of the GDT
 * @param gdtLimit last byte of the GDT
 * @param codeSelector __BOOT_CS: 64-bit code, base 0
 * @param dataSelector __BOOT_DS, for DS, ES and SS: writable data, base 0
 * @param kernelVersion what a bzImage says of itself; empty for an ELF file
 * @param kernelEnd first physical address beyond what the kernel uses before it has read the memory
 *     map
 * @param initrdAddress physical address of the initrd, 0 without one
 * @param initrdSize its length in bytes
 */
public record BootState(
    long rip,
    long rsi,
    long rsp,
    long rflags,
    long cr0,
    long cr3,
    long cr4,
    long efer,
    long gdtBase,
    int gdtLimit,
    int codeSelector,
    int dataSelector,
    String kernelVersion,
    long kernelEnd,
    long initrdAddress,
    long initrdSize) {}
