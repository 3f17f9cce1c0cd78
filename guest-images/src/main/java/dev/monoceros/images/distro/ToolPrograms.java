package dev.monoceros.images.distro;

import dev.monoceros.images.ImagesException;
import dev.monoceros.images.PackageCache;
import dev.monoceros.images.PackageInfo;
import dev.monoceros.images.Suite;
import dev.monoceros.images.UnpackedPackages;
import dev.monoceros.images.tree.FileTree;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The programs of a tester of disks and kernels, unpacked, with the libraries they name. */
record ToolPrograms(UnpackedPackages programs, UnpackedPackages libraries) {
  private static final List<String> PACKAGES =
      List.of(
          "bash",
          "dash",
          "e2fsprogs",
          "fdisk",
          "fio",
          "hdparm",
          "mount",
          "util-linux",
          "util-linux-extra",
          "busybox-static");

  /** Those of a release, from the cache or fetched. */
  static ToolPrograms of(PackageCache cache, Suite suite) {
    return new ToolPrograms(
        cache.unpacked(suite, PACKAGES), cache.unpackedWithDependencies(suite, PACKAGES));
  }

  /** The packages that shape the tree, a line each. */
  List<String> packages() {
    return Stream.of(programs, libraries)
        .flatMap(from -> from.packages().stream())
        .map(PackageInfo::toString)
        .toList();
  }

  Path busybox() {
    return programs.tree().resolve("usr/bin/busybox");
  }

  /** A root with a merged /usr, as Debian has it, and no init. */
  FileTree.Builder tree() {
    FileTree.Builder tree = skeleton();
    try {
      new ProgramTree(tree, libraries.tree()).add(programs.tree());
    } catch (IOException e) {
      throw ImagesException.io("take programs from", programs.tree(), e);
    }
    // Not busybox: its shell takes its own mount and losetup before those of util-linux.
    return tree.symlink("usr/bin/sh", "dash");
  }

  private static FileTree.Builder skeleton() {
    FileTree.Builder tree = FileTree.builder();
    for (String directory : List.of("dev", "mnt", "proc", "root", "run", "sys", "tmp", "var/tmp")) {
      tree.directory(directory);
    }
    for (String link : List.of("bin", "lib", "lib64", "sbin")) {
      tree.directory("usr/" + link).symlink(link, "usr/" + link);
    }
    return tree.file("etc/passwd", "root::0:0:root:/root:/bin/sh\n", 0644)
        .file("etc/group", "root:x:0:\ndisk:x:6:\n", 0644)
        .file("etc/hostname", "tools\n", 0644);
  }
}
