package dev.monoceros.tests.support;

import dev.monoceros.images.Suite;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/** Parts of the kernel's source as Debian 12 has it. */
public final class KernelSource {
  private static final String RELEASE = "linux-source-6.1";
  private static final int EXECUTABLE = 0100;

  private KernelSource() {}

  /** Unpacks what lies below some paths of the source tree. */
  public static void unpack(List<String> below, Path into) throws IOException {
    Path tree = Guests.cache().unpacked(Suite.BOOKWORM, List.of(RELEASE)).tree();
    Path archive = tree.resolve("usr/src/" + RELEASE + ".tar.xz");
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(archive));
        TarArchiveInputStream tar = new TarArchiveInputStream(new XZInputStream(raw))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        String name = entry.getName().replaceFirst("^(\\./)?" + RELEASE + "/", "");
        if (entry.isFile() && below.stream().anyMatch(name::startsWith)) {
          Path file = into.resolve(name);
          Files.createDirectories(file.getParent());
          Files.copy(tar, file);
          if ((entry.getMode() & EXECUTABLE) != 0 && !file.toFile().setExecutable(true)) {
            throw new IOException("no execute permission for " + file);
          }
        }
      }
    }
  }
}
