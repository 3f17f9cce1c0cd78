package dev.monoceros.tests.support;

import dev.monoceros.images.Suite;
import dev.monoceros.images.distro.DebianImage;
import dev.monoceros.images.distro.KernelFlavour;
import dev.monoceros.machine.DiskSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The same Debian 12 on our machine and on QEMU's. A second disk brings files and the script {@code
 * run.sh}, which systemd runs in place of a login, and takes its results away, below {@code ours}
 * and {@code theirs}: the script finds which in the kernel's command line, as {@code peer=}.
 */
public final class DebianPeers {
  private static final long LIMIT_SECONDS = 3600;
  private static final long THEIR_LIMIT_SECONDS = 1200;
  private static final int THEIR_ATTEMPTS = 3;
  private static final String POWERED_DOWN = "reboot: Power down";
  private static final int LINES_SAID = 12;
  private static final String OURS = "ours";
  private static final String THEIRS = "theirs";
  private static final long MEMORY_MIB = 1024;
  private static final Pattern RESULT = Pattern.compile("(?m)^(\\S+) (\\d+)$");

  private final Path directory;
  private final Path image;
  private final BootFiles boot;
  private final String commandLine;

  /** Takes the image from the cache, or builds it, and its kernel out of it. */
  public DebianPeers(Path directory) throws Exception {
    this.directory = directory;
    image =
        new DebianImage(
                Suite.BOOKWORM, KernelFlavour.CLOUD, DebianImage.TOOLS, DebianImage.DEFAULT_BYTES)
            .obtain(Guests.cache());
    boot = BootFiles.of(image, directory);
    commandLine =
        boot.commandLine()
            + " console=ttyS0 panic=-1 systemd.run=\"/bin/sh -c"
            + " 'mount -o remount,rw /; mount /dev/vdb /mnt; cd /mnt; sh run.sh; sync'\"";
  }

  /** Packs a directory, in which {@code run.sh} is, into the second disk. */
  public Path disk(Path files, String size) throws Exception {
    Path disk = directory.resolve("files.raw");
    Images.output(
        Guests.oracles().mke2fs(),
        "-q",
        "-t",
        "ext4",
        "-d",
        files.toString(),
        disk.toString(),
        size);
    return disk;
  }

  /** Exit statuses by name, as our machine's run left them on the second disk. */
  public Map<String, Integer> ours(Path disk) throws Exception {
    DiskSpec root =
        new DiskSpec(
            image, Optional.empty(), false, true, Optional.empty(), OptionalLong.empty(), false);
    DiskSpec files =
        new DiskSpec(
            disk,
            Optional.of(DiskSpec.Format.RAW),
            false,
            false,
            Optional.empty(),
            OptionalLong.empty(),
            false);
    Run run =
        Run.of(
            Guests.machine(boot.kernel(), boot.initrd())
                .withCommandLine(commandLine + " peer=" + OURS)
                .withMemoryBytes(MEMORY_MIB << 20)
                .withDisks(List.of(root, files)),
            Dialogue.silent(),
            LIMIT_SECONDS);
    return results(disk, OURS, run.tail());
  }

  /** The same of QEMU's, for which words may be added to the command line. */
  public Map<String, Integer> theirs(Path disk, List<String> words) throws Exception {
    List<String> options = new ArrayList<>();
    options.addAll(List.of("-cpu", "Nehalem", "-m", Long.toString(MEMORY_MIB)));
    options.addAll(
        List.of("-kernel", boot.kernel().toString(), "-initrd", boot.initrd().toString()));
    String line = commandLine + " peer=" + THEIRS + " " + String.join(" ", words);
    options.addAll(List.of("-append", line));
    options.addAll(List.of("-drive", "if=virtio,snapshot=on,format=qcow2,file=" + image));
    Path copy = disk.resolveSibling("theirs.raw");
    options.addAll(List.of("-drive", "if=virtio,format=raw,file=" + copy));
    // QEMU's guest has been seen to spin for ever, in one run of some tens; that says nothing of
    // us.
    for (int attempt = 1; ; attempt++) {
      Files.copy(disk, copy, StandardCopyOption.REPLACE_EXISTING);
      String said = QemuGuest.run("q35", options, THEIR_LIMIT_SECONDS);
      if (attempt == THEIR_ATTEMPTS || said.contains(POWERED_DOWN)) {
        Files.move(copy, disk, StandardCopyOption.REPLACE_EXISTING);
        return results(disk, THEIRS, said);
      }
    }
  }

  /** The last lines that both sides' runs of one program said, for whoever looks for a cause. */
  public static String said(Path disk, String name) throws Exception {
    StringBuilder said = new StringBuilder();
    for (String peer : List.of(OURS, THEIRS)) {
      List<String> lines = read(disk, peer + "/" + name + ".log").lines().toList();
      said.append("--- ").append(name).append(", ").append(peer).append(":\n");
      lines.stream()
          .skip(Math.max(0, lines.size() - LINES_SAID))
          .forEach(line -> said.append(line).append('\n'));
    }
    return said.toString();
  }

  private static String read(Path disk, String file) throws Exception {
    return Images.output(Guests.oracles().debugfs(), "-R", "cat /" + file, disk.toString());
  }

  private static Map<String, Integer> results(Path disk, String peer, String said)
      throws Exception {
    String listed = read(disk, peer + "/results");
    Map<String, Integer> results = new TreeMap<>();
    Matcher lines = RESULT.matcher(listed);
    while (lines.find()) {
      results.put(lines.group(1), Integer.parseInt(lines.group(2)));
    }
    if (results.isEmpty()) {
      throw new AssertionError("the guest left no results: " + said);
    }
    return results;
  }
}
