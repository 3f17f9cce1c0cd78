package dev.monoceros.images.distro;

import dev.monoceros.images.ImagesException;
import dev.monoceros.images.StoredPackage;
import dev.monoceros.images.Suite;
import dev.monoceros.images.deb.DebFile;
import dev.monoceros.images.store.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/**
 * A Debian archive in one directory that offers exactly the packages of the cache, so that an
 * installation neither sees the network nor can choose anything else.
 */
final class PackageArchive {
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'UTC'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private PackageArchive() {}

  /**
   * Writes the archive.
   *
   * @return its line for sources.list(5); the packages were verified when they came into the cache
   */
  static String write(Path directory, Suite suite, List<StoredPackage> packages, Instant date) {
    try {
      Path pool = Files.createDirectories(directory.resolve("pool"));
      StringBuilder index = new StringBuilder();
      for (StoredPackage one : packages) {
        String file = one.info().sha256() + ".deb";
        Files.createSymbolicLink(pool.resolve(file), one.deb());
        index
            .append(new DebFile(one.deb()).control())
            .append("Filename: ./pool/%s\n".formatted(file))
            .append("Size: %d\nSHA256: %s\n\n".formatted(one.info().size(), one.info().sha256()));
      }
      Files.writeString(directory.resolve("Packages"), index);
      Files.writeString(directory.resolve("Release"), release(suite, index.toString(), date));
      return "deb [trusted=yes] copy://" + directory.toUri().getRawPath() + " ./";
    } catch (IOException e) {
      throw ImagesException.io("write", directory, e);
    }
  }

  /** The suite's name is how mmdebstrap tells essential packages of this archive from others'. */
  private static String release(Suite suite, String index, Instant date) {
    return """
        Origin: Debian
        Suite: %1$s
        Codename: %1$s
        Date: %2$s
        Architectures: amd64
        Components: main
        SHA256:
         %3$s %4$d Packages
        """
        .formatted(
            suite.codename(),
            DATE.format(date),
            Sha256.of(index),
            index.getBytes(StandardCharsets.UTF_8).length);
  }
}
