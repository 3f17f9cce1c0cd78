package dev.monoceros.images.bootdisk;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Kernels that no boot loader's configuration speaks of. */
final class InstalledKernels {
  private static final String PREFIX = "vmlinuz-";

  /** Where distributions keep the initrd of a version: Debian, Fedora, SUSE. */
  private static final List<String> INITRDS =
      List.of("initrd.img-%s", "initramfs-%s.img", "initrd-%s", "initrd-%s.img");

  private InstalledKernels() {}

  /** The kernel that the links of linux-base lead to: /vmlinuz and /initrd.img, or in /boot. */
  static Optional<BootEntry> linked(Volume volume) throws IOException {
    for (String directory : List.of("/", "/boot/")) {
      Optional<Volume.File> kernel = volume.file(directory + "vmlinuz");
      if (kernel.isPresent()) {
        List<Volume.File> initrd = volume.file(directory + "initrd.img").stream().toList();
        return Optional.of(
            new BootEntry("the link " + directory + "vmlinuz", kernel.get(), initrd, ""));
      }
    }
    return Optional.empty();
  }

  /** The newest version in /boot, or at the top of a file system that is mounted there. */
  static Optional<BootEntry> newest(Volume volume) throws IOException {
    for (String directory : List.of("/boot/", "/")) {
      List<String> versions = new ArrayList<>();
      for (String name : volume.files().names(directory)) {
        if (name.startsWith(PREFIX) && volume.file(directory + name).isPresent()) {
          versions.add(name.substring(PREFIX.length()));
        }
      }
      Optional<String> newest = versions.stream().max(KernelVersions.ORDER);
      if (newest.isPresent()) {
        String version = newest.get();
        return Optional.of(
            new BootEntry(
                versions.size() == 1
                    ? "the only kernel in " + directory
                    : "the newest of %d kernels in %s".formatted(versions.size(), directory),
                volume.file(directory + PREFIX + version).orElseThrow(),
                initrd(volume, directory, version),
                ""));
      }
    }
    return Optional.empty();
  }

  private static List<Volume.File> initrd(Volume volume, String directory, String version)
      throws IOException {
    for (String name : INITRDS) {
      Optional<Volume.File> initrd = volume.file(directory + name.formatted(version));
      if (initrd.isPresent()) {
        return List.of(initrd.get());
      }
    }
    return List.of();
  }
}
