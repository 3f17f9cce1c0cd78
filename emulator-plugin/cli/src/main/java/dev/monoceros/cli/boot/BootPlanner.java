package dev.monoceros.cli.boot;

import dev.monoceros.cli.exit.Failure;
import dev.monoceros.images.PackageCache;
import dev.monoceros.images.bootdisk.NoKernelException;
import dev.monoceros.images.ext4.Ext4FormatException;
import dev.monoceros.machine.DiskSpec;
import dev.monoceros.machine.MachineConfig;
import dev.monoceros.qcow.ImageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Fills in what the user left open. */
public final class BootPlanner {
  static final String GIVEN = "as given";

  /**
   * What the CPU starts with.
   *
   * @param kernel the kernel
   * @param origin where it came from, in words
   * @param initrds its initial RAM disks
   * @param commandLine unless the user gave all of it
   */
  record Start(Path kernel, String origin, InitrdChoice initrds, String commandLine) {}

  private final PackageCache cache;
  private final Map<String, String> environment;

  /** A planner that takes busybox and libunicorn from a cache. */
  public BootPlanner(PackageCache cache, Map<String, String> environment) {
    this.cache = cache;
    this.environment = environment;
  }

  /**
   * Plans a run.
   *
   * @throws Failure if something is missing: one sentence says what
   */
  public BootPlan plan(RunRequest request) {
    TemporaryFiles temporary = new TemporaryFiles();
    try {
      return finish(
          request,
          firstImage(request).isEmpty()
              ? noDisk(request)
              : disk(request, firstImage(request).get(), temporary),
          temporary);
    } catch (RuntimeException | Error e) {
      temporary.close();
      throw e;
    }
  }

  /**
   * The kernel that was asked for.
   *
   * @throws Failure if there is none
   */
  static Path kernel(RunRequest request, String alternative) {
    return given(request)
        .orElseThrow(() -> Failure.usage("no kernel was given: name one with -k" + alternative));
  }

  private static Start noDisk(RunRequest request) {
    Path kernel = kernel(request, ", or with -d a disk that has one");
    InitrdChoice initrds =
        InitrdChoice.of(
            request.initrds(),
            () -> {
              if (request.initrds().isEmpty()) {
                return InitrdChoice.NONE;
              }
              throw Failure.usage("-i auto: without a disk there is no initramfs to be made");
            });
    return new Start(kernel, GIVEN, initrds, KernelLine.of("", "", request.append()));
  }

  private static Optional<Path> given(RunRequest request) {
    Optional<Path> kernel = request.kernel();
    if (kernel.isPresent() && !Files.isRegularFile(kernel.get())) {
      String what = Files.exists(kernel.get()) ? " is no file" : " does not exist";
      throw Failure.usage("kernel " + kernel.get() + what);
    }
    return kernel;
  }

  /** The first disk, if there is something on it: one in memory is empty. */
  private static Optional<Path> firstImage(RunRequest request) {
    return request.disks().stream().limit(1).flatMap(disk -> disk.file().stream()).findFirst();
  }

  private Start disk(RunRequest request, Path file, TemporaryFiles temporary) {
    Optional<Path> kernel = given(request);
    DiskSpec disk = request.disks().getFirst();
    InitramfsMaker maker = new InitramfsMaker(cache, temporary);
    try (RootDisk root = RootDisk.open(disk, file)) {
      return kernel.isPresent()
          ? kernelBesideDisk(request, kernel.get(), root, maker)
          : new DiskKernel(root.whole(), maker, temporary).find(request);
    } catch (NoKernelException e) {
      throw Failure.usage("disk " + file + ": " + e.getMessage());
    } catch (ImageException e) {
      throw Failure.image(e.getMessage(), e);
    } catch (Ext4FormatException e) {
      throw Failure.image("disk " + file + " cannot be looked into: it has " + e.getMessage(), e);
    } catch (IOException e) {
      throw Failure.image("disk " + file + " cannot be looked into: " + e.getMessage(), e);
    }
  }

  private static Start kernelBesideDisk(
      RunRequest request, Path kernel, RootDisk root, InitramfsMaker maker) throws IOException {
    InitrdChoice initrds =
        InitrdChoice.of(
            request.initrds(),
            () ->
                maker.make(
                    kernel,
                    Optional.of(root.source()),
                    root.device(),
                    request.disks().getFirst().transport()));
    return new Start(
        kernel, GIVEN, initrds, KernelLine.of("", "root=" + root.device(), request.append()));
  }

  private BootPlan finish(RunRequest request, Start start, TemporaryFiles temporary) {
    UnicornChoice unicorn = UnicornChoice.of(request.unicorn(), cache, environment);
    MachineConfig config =
        common(request, start.kernel())
            .withBoot(request.boot())
            .withInitrds(start.initrds().files())
            .withCommandLine(request.commandLineOnly() ? request.append() : start.commandLine())
            .withDisks(request.disks())
            .withLibraries(unicorn.cached());
    if (request.expect().isPresent()) {
      config = config.withExpect(request.expect().get(), request.expectThen());
    }
    if (request.script().isPresent()) {
      config = config.withScript(request.script().get());
    }
    return new BootPlan(
        config,
        start.origin(),
        start.initrds().origin(),
        unicorn.file(),
        unicorn.problem(),
        temporary);
  }

  /** What does not depend on where the root file system is. */
  static MachineConfig common(RunRequest request, Path kernel) {
    MachineConfig config =
        MachineConfig.of(kernel)
            .withMemoryBytes(request.memoryBytes())
            .withRtc(request.rtc())
            .withSeed(request.seed())
            .withOnReset(request.onReset())
            .withMaxVirtualNanos(request.maxVirtualNanos().orElse(Long.MAX_VALUE));
    if (request.rdrand()) {
      config = config.withRdrand();
    }
    return request.rng().map(config::withRng).orElse(config);
  }
}
