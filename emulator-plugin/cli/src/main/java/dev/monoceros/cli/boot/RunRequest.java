package dev.monoceros.cli.boot;

import dev.monoceros.machine.ConsoleScript;
import dev.monoceros.machine.DiskSpec;
import dev.monoceros.machine.MachineConfig;
import dev.monoceros.machine.boot.BootProtocol;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * What the user asked for, before the defaults that depend on files are filled in.
 *
 * @param kernel the kernel, if given
 * @param boot how the kernel is entered
 * @param initrds initial RAM disks
 * @param disks vda, vdb, ...
 * @param append added to the default command line
 * @param commandLineOnly {@code append} replaces the default command line instead
 * @param memoryBytes guest RAM
 * @param seed seeds the guest's random numbers
 * @param rng an entropy device, and how the guest reaches it
 * @param rdrand whether the CPU has RDRAND
 * @param rtc the guest's clock at power-on
 * @param expect a line to wait for
 * @param expectThen what then happens
 * @param script a dialogue with the console
 * @param maxVirtualNanos limit of virtual time, ns
 * @param onReset what a reset does
 * @param unicorn a version or a file of libunicorn
 */
public record RunRequest(
    Optional<Path> kernel,
    BootProtocol boot,
    List<Path> initrds,
    List<DiskSpec> disks,
    String append,
    boolean commandLineOnly,
    long memoryBytes,
    long seed,
    Optional<DiskSpec.Transport> rng,
    boolean rdrand,
    Instant rtc,
    Optional<Pattern> expect,
    MachineConfig.ExpectThen expectThen,
    Optional<ConsoleScript> script,
    OptionalLong maxVirtualNanos,
    MachineConfig.OnReset onReset,
    Optional<String> unicorn) {
  /** Copies the lists. */
  public RunRequest {
    initrds = List.copyOf(initrds);
    disks = List.copyOf(disks);
  }
}
