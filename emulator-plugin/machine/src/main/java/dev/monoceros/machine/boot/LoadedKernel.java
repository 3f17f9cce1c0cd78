package dev.monoceros.machine.boot;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * A kernel at its place in RAM.
 *
 * @param entry physical address of its 64-bit entry point
 * @param end first physical address beyond what it uses before it has read the memory map
 * @param header the bzImage's setup header, absent for an ELF file
 * @param pvhEntry physical address of its 32-bit entry point, if it has a note of one
 */
record LoadedKernel(long entry, long end, Optional<SetupHeader> header, OptionalLong pvhEntry) {}
