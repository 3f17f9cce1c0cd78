package dev.monoceros.machine.boot;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;

/**
 * What to boot.
 *
 * @param kernel a bzImage or an ELF vmlinux for x86-64
 * @param initrds concatenated in this order, each padded to four bytes; may be empty
 * @param commandLine the kernel's command line
 * @param rsdpAddress physical address of the ACPI RSDP, or 0 for none
 * @param rngSeed seeds the kernel's random number generator; at most 4,000 bytes, empty for none
 */
public record LinuxBootConfig(
    BootSource kernel,
    List<BootSource> initrds,
    String commandLine,
    long rsdpAddress,
    MemorySegment rngSeed) {
  /** Checks that nothing is missing. */
  public LinuxBootConfig {
    Objects.requireNonNull(kernel);
    Objects.requireNonNull(commandLine);
    initrds = List.copyOf(initrds);
    Objects.requireNonNull(rngSeed);
  }
}
