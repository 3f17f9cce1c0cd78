package dev.monoceros.cli;

import dev.monoceros.images.Kernel;
import dev.monoceros.images.PackageCache;
import dev.monoceros.images.initramfs.Initramfs;
import dev.monoceros.images.initramfs.KernelModules;
import dev.monoceros.images.initramfs.ModuleFiles;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * {@code monoceros train}: what the launcher lets the JVM watch when it learns which classes and
 * code a run uses (JEP 515). A boot of the cached kernel, through the same command as every other.
 */
final class TrainCommand implements Subcommand {
  private static final long DISK_BYTES = 16 << 20;
  private static final String VIRTUAL_LIMIT = "20s";

  private final HostContext host;
  private final Cli cli;

  TrainCommand(HostContext host, Cli cli) {
    this.host = host;
    this.cli = cli;
  }

  @Override
  public String name() {
    return "train";
  }

  @Override
  public String description() {
    return "Boots a while for the JVM to learn from.";
  }

  @Override
  public boolean hidden() {
    return true;
  }

  @Override
  public void describe(CommandSpec spec) {
    // no options
  }

  @Override
  public int run(ParseResult options) throws IOException {
    Path directory = Files.createTempDirectory("monoceros-train-");
    Path initramfs = directory.resolve("initramfs.cpio");
    Path disk = directory.resolve("disk.img");
    try {
      PackageCache cache = CacheAccess.open(host, true, CacheAccess.progress(host));
      Kernel kernel = cache.kernel();
      KernelModules modules =
          new KernelModules(kernel.release(), ModuleFiles.directory(kernel.modules()));
      Initramfs.write(Initramfs.w1(cache.busybox().path(), modules), initramfs);
      try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
        file.setLength(DISK_BYTES);
      }
      return cli.execute(
          "run",
          "--offline",
          "--max-time",
          VIRTUAL_LIMIT,
          "-k",
          kernel.vmlinuz().toString(),
          "-i",
          initramfs.toString(),
          "-d",
          disk + ",format=raw");
    } finally {
      Files.deleteIfExists(initramfs);
      Files.deleteIfExists(disk);
      Files.deleteIfExists(directory);
    }
  }
}
