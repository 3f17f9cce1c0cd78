package dev.monoceros.tests.support;

import dev.monoceros.images.bootdisk.BootDisk;
import dev.monoceros.images.bootdisk.NoKernelException;
import dev.monoceros.images.disk.DiskSource;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.OpenOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a disk boots by default, in files, for a machine that cannot look for it itself.
 *
 * @param commandLine as the disk's boot loader has it
 */
public record BootFiles(Path kernel, Path initrd, String commandLine) {
  /** Copies kernel and first initrd out of an image into a directory. */
  public static BootFiles of(Path image, Path directory) throws IOException, NoKernelException {
    try (DiskImage disk = DiskImage.open(image, OpenOptions.defaults().withReadOnly(true))) {
      BootDisk boot = BootDisk.find(DiskSource.image(disk), "/dev/vda");
      return new BootFiles(
          Files.write(directory.resolve("vmlinuz"), boot.kernel().bytes()),
          Files.write(directory.resolve("initrd"), boot.initrds().getFirst().bytes()),
          boot.commandLine());
    }
  }
}
