package dev.monoceros.cli.boot;

import dev.monoceros.cli.directory.DirectoryRequest;
import dev.monoceros.cli.exit.Failure;
import dev.monoceros.images.PackageCache;
import dev.monoceros.images.agent.AgentInitramfs;
import dev.monoceros.images.agent.GuestCommand;
import dev.monoceros.images.disk.DiskSource;
import dev.monoceros.images.initramfs.Initramfs;
import dev.monoceros.images.initramfs.KernelModules;
import dev.monoceros.images.initramfs.KernelRelease;
import dev.monoceros.images.initramfs.RunModules;
import dev.monoceros.images.root.RootImages;
import dev.monoceros.machine.DiskSpec;
import dev.monoceros.machine.MachineConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;

/**
 * Plans a run of one command in a directory: its image, the agent, the disks for what is copied
 * out.
 */
public final class DirectoryPlanner {
  /**
   * An emulator does not speculate, so what is done against that only takes time: page tables of
   * their own for user space above all. Later words of -p win.
   */
  private static final String COMMAND_LINE = "console=ttyS0 panic=-1 mitigations=off";

  /**
   * What the kernel says on the way is only of interest when it goes wrong; a panic is told anyway.
   */
  private static final String QUIET = " quiet";

  private static final String[] DRIVERS = {"virtio_pci", "virtio_blk", "ext4"};

  private final PackageCache cache;
  private final Map<String, String> environment;

  /** A planner that takes busybox, mke2fs and libunicorn from a cache, and keeps images there. */
  public DirectoryPlanner(PackageCache cache, Map<String, String> environment) {
    this.cache = cache;
    this.environment = environment;
  }

  /**
   * What to run.
   *
   * @param boot the run, without its serial ports
   * @param scratch where each copy will be
   * @param notes what of the directory the guest does not have
   */
  public record Plan(BootPlan boot, List<Path> scratch, List<String> notes) {}

  /**
   * Plans.
   *
   * @param input the command's standard input
   * @throws Failure if something is missing: one sentence says what
   */
  public Plan plan(RunRequest request, DirectoryRequest directory, GuestCommand.Input input) {
    Path kernel = BootPlanner.kernel(request, "");
    RootImages.RootImage image =
        new RootImages(cache).obtain(directory.root(), directory.skipUnreadable());
    TemporaryFiles temporary = new TemporaryFiles();
    temporary.call(image.file(), "made of " + directory.root());
    try {
      List<Path> scratch = new ArrayList<>();
      for (int i = 0; i < directory.copies().size(); i++) {
        Path file = temporary.add("copy.tar", "made for --copy-out");
        lengthen(file, directory.copyLimit());
        scratch.add(file);
      }
      Path initramfs = temporary.add("agent.cpio", "made for this run");
      GuestCommand command = command(request, directory, input);
      String origin = writeInitramfs(kernel, image.file(), command, initramfs);
      MachineConfig config =
          BootPlanner.common(request, kernel)
              .withBoot(request.boot())
              .withInitrds(List.of(initramfs))
              .withDisks(disks(request, directory, image.file(), scratch))
              .withCommandLine(commandLine(request, directory));
      UnicornChoice unicorn = UnicornChoice.of(request.unicorn(), cache, environment);
      BootPlan boot =
          new BootPlan(
              config.withLibraries(unicorn.cached()),
              BootPlanner.GIVEN,
              origin,
              unicorn.file(),
              unicorn.problem(),
              temporary);
      return new Plan(boot, scratch, image.notes());
    } catch (IOException e) {
      temporary.close();
      throw Failure.host("the run cannot be prepared: " + e.getMessage(), e);
    } catch (RuntimeException e) {
      temporary.close();
      throw e;
    }
  }

  private static String commandLine(RunRequest request, DirectoryRequest directory) {
    String quiet = directory.showConsole() ? "" : QUIET;
    return (COMMAND_LINE + quiet + " " + request.append()).strip();
  }

  private static GuestCommand command(
      RunRequest request, DirectoryRequest directory, GuestCommand.Input input) {
    SequencedMap<String, String> variables = new LinkedHashMap<>();
    GuestCommand.DEFAULT_ENVIRONMENT.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(entry -> variables.put(entry.getKey(), entry.getValue()));
    variables.putAll(directory.environment());
    return new GuestCommand(
        directory.words(),
        variables,
        directory.directory(),
        directory.writable(),
        input,
        directory.copies().stream().map(copy -> copy.absolute(directory.directory())).toList(),
        1 + request.disks().size());
  }

  private static List<DiskSpec> disks(
      RunRequest request, DirectoryRequest directory, Path image, List<Path> scratch) {
    List<DiskSpec> disks = new ArrayList<>();
    disks.add(raw(image, !directory.writable(), directory.writable()));
    disks.addAll(request.disks());
    scratch.forEach(file -> disks.add(raw(file, false, false)));
    return disks;
  }

  private static DiskSpec raw(Path file, boolean readOnly, boolean snapshot) {
    return new DiskSpec(
        file,
        Optional.of(DiskSpec.Format.RAW),
        readOnly,
        snapshot,
        Optional.empty(),
        OptionalLong.empty());
  }

  private static void lengthen(Path file, long bytes) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.allocate(1), bytes - 1);
    }
  }

  /**
   * The agent with the drivers of the kernel, which it finds in the directory, too.
   *
   * @return where the drivers came from
   */
  private String writeInitramfs(Path kernel, Path image, GuestCommand command, Path file)
      throws IOException {
    Path busybox = cache.busybox().path();
    try (FileChannel channel = FileChannel.open(image, StandardOpenOption.READ)) {
      Optional<RunModules> found =
          RunModules.find(cache, kernel, Optional.of(DiskSource.raw(channel)), DRIVERS);
      List<String> missing =
          found.isPresent() ? List.of() : InitramfsMaker.missing(kernel, DRIVERS[0]);
      if (!missing.isEmpty()) {
        throw Failure.usage(
            "the kernel %s has no built-in driver %s, and no modules for it were found in the directory, beside it or in the cache"
                .formatted(
                    KernelRelease.of(kernel).orElse(kernel.toString()),
                    String.join(", ", missing)));
      }
      Optional<KernelModules> modules = found.map(RunModules::modules);
      Initramfs.write(AgentInitramfs.tree(busybox, modules, command, DRIVERS), file);
      return found
          .map(modulesFound -> "the agent, and the modules of " + modulesFound.from())
          .orElse("the agent; the kernel has its drivers built in");
    }
  }
}
