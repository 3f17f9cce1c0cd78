package dev.monoceros.images;

import java.nio.file.Path;
import java.util.List;

/**
 * Packages unpacked over each other, with all of /bin, /lib and /sbin below {@code usr}.
 *
 * @param tree where they lie in the cache
 * @param packages what was unpacked
 */
public record UnpackedPackages(Path tree, List<PackageInfo> packages) {
  public UnpackedPackages {
    packages = List.copyOf(packages);
  }
}
