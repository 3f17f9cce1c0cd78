package dev.monoceros.tests.support;

import dev.monoceros.images.Kernel;
import dev.monoceros.images.Suite;
import dev.monoceros.images.distro.ToolsInitramfs;
import dev.monoceros.images.initramfs.Initramfs;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Debian 12's fio, util-linux, e2fsprogs and hdparm in an initramfs, and a script that they run in
 * before the guest powers off. All disks are the script's.
 *
 * @param kernel what boots
 * @param programs the first initramfs
 * @param script the second
 */
public record ToolsGuest(Kernel kernel, Path programs, Path script) {
  /** What the guest needs, in MiB. */
  public static final long MEMORY_MIB = 512;

  /** The last line of a script that ended with 0. */
  public static final String DONE = "TOOLS-EXIT 0";

  /**
   * Writes the script's initramfs into a directory.
   *
   * @param drivers what is loaded before it
   */
  public static ToolsGuest of(Kernel kernel, Path directory, String script, String... drivers)
      throws IOException {
    Path programs = new ToolsInitramfs(Suite.BOOKWORM).obtain(Guests.cache());
    Path file = Files.createTempFile(directory, "script", ".cpio");
    Initramfs.write(ToolsInitramfs.script(Guests.modules(kernel), script, drivers), file);
    return new ToolsGuest(kernel, programs, file);
  }

  /** Both archives, for a machine that takes several. */
  public List<Path> initrds() {
    return List.of(programs, script);
  }

  /** Both archives in one file, for a machine that takes one. */
  public Path joined(Path file) throws IOException {
    try (OutputStream out = Files.newOutputStream(file)) {
      Files.copy(programs, out);
      Files.copy(script, out);
    }
    return file;
  }
}
