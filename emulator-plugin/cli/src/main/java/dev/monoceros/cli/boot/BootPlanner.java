package dev.monoceros.cli.boot;

import dev.monoceros.cli.exit.Failure;
import dev.monoceros.images.PackageCache;
import dev.monoceros.machine.DiskSpec;
import dev.monoceros.machine.MachineConfig;
import dev.monoceros.qcow.ImageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Fills in what the user left open. */
public final class BootPlanner {
  private static final String CONSOLE = "console=ttyS0 panic=-1";

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
    Path kernel = kernel(request);
    return request.disks().isEmpty()
        ? finish(request, kernel, Optional.empty(), given(request))
        : planWithDisk(request, kernel, request.disks().getFirst());
  }

  /**
   * The kernel that was asked for.
   *
   * @throws Failure if there is none
   */
  static Path kernel(RunRequest request) {
    Path kernel =
        request
            .kernel()
            .orElseThrow(
                () ->
                    Failure.usage(
                        "no kernel was given: name one with -k (a kernel inside the disk is not"
                            + " looked for yet)"));
    if (!Files.isRegularFile(kernel)) {
      throw Failure.usage(
          "kernel " + kernel + (Files.exists(kernel) ? " is no file" : " does not exist"));
    }
    return kernel;
  }

  private static InitramfsMaker.Made given(RunRequest request) {
    return new InitramfsMaker.Made(
        Optional.empty(), request.initrds().isEmpty() ? "none" : "as given");
  }

  private BootPlan planWithDisk(RunRequest request, Path kernel, DiskSpec disk) {
    try (RootDisk root = RootDisk.open(disk)) {
      InitramfsMaker.Made made =
          request.initrds().isEmpty()
              ? new InitramfsMaker(cache).make(kernel, root, disk.transport())
              : given(request);
      return finish(request, kernel, Optional.of(root.device()), made);
    } catch (ImageException e) {
      throw Failure.image(e.getMessage(), e);
    } catch (IOException e) {
      throw Failure.image("disk " + disk.file() + " cannot be looked into: " + e.getMessage(), e);
    }
  }

  private BootPlan finish(
      RunRequest request, Path kernel, Optional<String> rootDevice, InitramfsMaker.Made made) {
    List<Path> initrds = made.file().map(List::of).orElse(request.initrds());
    UnicornChoice unicorn = UnicornChoice.of(request.unicorn(), cache, environment);
    MachineConfig config =
        common(request, kernel)
            .withInitrds(initrds)
            .withCommandLine(commandLine(request, rootDevice))
            .withDisks(request.disks())
            .withLibraries(unicorn.cached());
    if (request.expect().isPresent()) {
      config = config.withExpect(request.expect().get(), request.expectThen());
    }
    if (request.script().isPresent()) {
      config = config.withScript(request.script().get());
    }
    return new BootPlan(config, made.origin(), unicorn.file(), unicorn.problem(), made.file());
  }

  /** What does not depend on where the root file system is. */
  static MachineConfig common(RunRequest request, Path kernel) {
    return MachineConfig.of(kernel)
        .withMemoryBytes(request.memoryBytes())
        .withRtc(request.rtc())
        .withSeed(request.seed())
        .withOnReset(request.onReset())
        .withMaxVirtualNanos(request.maxVirtualNanos().orElse(Long.MAX_VALUE));
  }

  private static String commandLine(RunRequest request, Optional<String> rootDevice) {
    if (request.commandLineOnly()) {
      return request.append();
    }
    String root = rootDevice.map(device -> " root=" + device).orElse("");
    return (CONSOLE + root + " " + request.append()).strip();
  }
}
