package dev.monoceros.tests.support;

import dev.monoceros.images.Suite;
import dev.monoceros.images.distro.DebianImage;
import dev.monoceros.images.distro.KernelFlavour;
import dev.monoceros.machine.DiskSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A script in a Debian 12 on our machine, in place of a login. It comes with its files on a second
 * disk, mounted on {@code /mnt}, and leaves {@code results} there: a name and a number a line.
 */
public final class DebianScript {
  private static final long LIMIT_SECONDS = 3600;
  private static final Pattern RESULT = Pattern.compile("(?m)^(\\S+) (\\d+)$");

  private final Path directory;
  private final Path image;

  /**
   * What a script left.
   *
   * @param results numbers by name
   * @param said what it wrote, and the end of the console
   */
  public record Outcome(Map<String, Integer> results, String said) {}

  /** Takes the image with tools from the cache, or builds it. */
  public DebianScript(Path directory) {
    this.directory = directory;
    image =
        new DebianImage(
                Suite.BOOKWORM, KernelFlavour.CLOUD, DebianImage.TOOLS, DebianImage.DEFAULT_BYTES)
            .obtain(Guests.cache());
  }

  /**
   * Boots, runs a script and powers off.
   *
   * @param script a file among {@code files}
   * @param memoryMib the machine's memory
   * @param words more of the kernel's command line
   */
  public Outcome run(String script, Path files, long memoryMib, String words) throws Exception {
    Path disk = directory.resolve("files.raw");
    Images.output(
        Guests.oracles().mke2fs(),
        "-q",
        "-t",
        "ext4",
        "-d",
        files.toString(),
        disk.toString(),
        "1G");
    Run run = boot(script, disk, memoryMib, words);
    Map<String, Integer> results = new TreeMap<>();
    Matcher lines = RESULT.matcher(read(disk, "results"));
    while (lines.find()) {
      results.put(lines.group(1), Integer.parseInt(lines.group(2)));
    }
    return new Outcome(results, read(disk, "said") + "\n" + run.tail());
  }

  private Run boot(String script, Path disk, long memoryMib, String words) throws Exception {
    BootFiles boot = BootFiles.of(image, directory);
    String run =
        " systemd.run=\"/bin/sh -c 'mount -o remount,rw /; mount /dev/vdb /mnt; cd /mnt; sh "
            + script
            + " > said 2>&1; sync'\" ";
    return Run.of(
        Guests.machine(boot.kernel(), boot.initrd())
            .withCommandLine(boot.commandLine() + " console=ttyS0 panic=-1" + run + words)
            .withMemoryBytes(memoryMib << 20)
            .withDisks(
                List.of(
                    disk(image, Optional.empty(), true),
                    disk(disk, Optional.of(DiskSpec.Format.RAW), false))),
        Dialogue.silent(),
        LIMIT_SECONDS);
  }

  private static DiskSpec disk(Path file, Optional<DiskSpec.Format> format, boolean snapshot) {
    return new DiskSpec(
        file, format, false, snapshot, Optional.empty(), OptionalLong.empty(), false);
  }

  private static String read(Path disk, String file) throws Exception {
    return Images.output(Guests.oracles().debugfs(), "-R", "cat /" + file, disk.toString());
  }
}
