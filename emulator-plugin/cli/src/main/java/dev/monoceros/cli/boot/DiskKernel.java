package dev.monoceros.cli.boot;

import dev.monoceros.images.bootdisk.BootDisk;
import dev.monoceros.images.bootdisk.NoKernelException;
import dev.monoceros.images.disk.DiskSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The kernel of a run that names none: the one that its first disk boots by default. */
final class DiskKernel {
  private final DiskSource disk;
  private final InitramfsMaker maker;
  private final TemporaryFiles temporary;

  DiskKernel(DiskSource disk, InitramfsMaker maker, TemporaryFiles temporary) {
    this.disk = disk;
    this.maker = maker;
    this.temporary = temporary;
  }

  /**
   * Takes kernel and initrds out of the disk; where the disk has no initrd, one is made as for a
   * kernel from elsewhere.
   *
   * @throws NoKernelException if there is no kernel, or which one boots cannot be told
   */
  BootPlanner.Start find(RunRequest request) throws IOException, NoKernelException {
    BootDisk found = BootDisk.find(disk, RootDisk.DISK);
    Path kernel = take("kernel", found.kernel());
    InitrdChoice initrds =
        InitrdChoice.of(request.initrds(), () -> automatic(request, found, kernel));
    return new BootPlanner.Start(
        kernel, found.origin(), initrds, KernelLine.of(found.commandLine(), "", request.append()));
  }

  private InitrdChoice automatic(RunRequest request, BootDisk found, Path kernel)
      throws IOException {
    if (found.initrds().isEmpty()) {
      return maker.make(
          kernel, found.root(), found.rootDevice(), request.disks().getFirst().transport());
    }
    List<Path> files = new ArrayList<>();
    found.initrds().forEach(initrd -> files.add(take("initrd", initrd)));
    return new InitrdChoice(files, "the disk's own");
  }

  /** The name on the disk is not taken over: what a guest calls its files is nobody's path here. */
  private Path take(String fileName, BootDisk.Content content) {
    return temporary.add(fileName, content.path() + " of " + content.device(), content.bytes());
  }
}
