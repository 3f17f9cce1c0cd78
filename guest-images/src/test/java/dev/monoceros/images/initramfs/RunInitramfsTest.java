package dev.monoceros.images.initramfs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.images.AptRequired;
import dev.monoceros.images.CacheOptions;
import dev.monoceros.images.Kernel;
import dev.monoceros.images.PackageCache;
import dev.monoceros.images.disk.DemoDisk;
import dev.monoceros.images.disk.DiskSource;
import dev.monoceros.images.disk.DiskTarget;
import dev.monoceros.images.disk.PartitionList;
import dev.monoceros.images.tree.FileTree;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.OpenOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(AptRequired.class)
class RunInitramfsTest {
  @TempDir Path temporary;
  private final PackageCache cache = PackageCache.open(CacheOptions.defaults());
  private final Kernel kernel = cache.kernel();
  private final KernelModules modules =
      new KernelModules(kernel.release(), ModuleFiles.directory(kernel.modules()));

  @Test
  void theKernelsOwnReleaseIsReadFromTheBzImage() {
    assertThat(KernelRelease.of(kernel.vmlinuz())).contains(kernel.release());
  }

  @Test
  void whatIsNoBzImageHasNoRelease() throws IOException {
    Path file = temporary.resolve("vmlinux");
    Files.write(file, new byte[0]);
    assertThat(KernelRelease.of(file)).isEmpty();
    Files.write(file, new byte[70_000]);
    assertThat(KernelRelease.of(file)).isEmpty();
    byte[] kernelBytes = Files.readAllBytes(kernel.vmlinuz());
    kernelBytes[0x20E] = (byte) 0xFF;
    kernelBytes[0x20F] = (byte) 0xFF;
    Files.write(file, kernelBytes);
    assertThat(KernelRelease.of(file)).isEmpty();
  }

  @Test
  void modulesOnTheRootDiskComeFirstAndGiveTheSameInitramfs() throws IOException {
    Path disk = temporary.resolve("demo.qcow2");
    DemoDisk.build(cache, modules, "text", disk, DiskTarget::qcow2);
    Path copy = Files.copy(kernel.vmlinuz(), temporary.resolve("vmlinuz"));
    try (DiskImage image = DiskImage.open(disk, OpenOptions.defaults().withReadOnly(true))) {
      DiskSource source = DiskSource.image(image);
      DiskSource root = PartitionList.read(source).root().orElseThrow().on(source);

      RunInitramfs found = RunInitramfs.find(cache, copy, Optional.of(root)).orElseThrow();

      assertThat(found.modulesFrom()).isEqualTo("the root disk");
      assertThat(bytes(found.tree()))
          .isEqualTo(bytes(Initramfs.virtioBlkExt4Root(cache.busybox().path(), modules)));
    }
  }

  @Test
  void thenModulesBesideTheKernel() {
    RunInitramfs found = RunInitramfs.find(cache, kernel.vmlinuz(), Optional.empty()).orElseThrow();

    assertThat(found.modulesFrom()).isEqualTo(kernel.modules().toString());
  }

  @Test
  void thenAKernelOfThePackageCache() throws IOException {
    Path copy = Files.copy(kernel.vmlinuz(), temporary.resolve("vmlinuz"));

    RunInitramfs found = RunInitramfs.find(cache, copy, Optional.empty()).orElseThrow();

    assertThat(found.modulesFrom()).isEqualTo(kernel.from().toString());
  }

  @Test
  void aKernelWhoseModulesAreNowhereGetsNone() throws IOException {
    byte[] bytes = Files.readAllBytes(kernel.vmlinuz());
    int version = 0x200 + Byte.toUnsignedInt(bytes[0x20E]) + 256 * Byte.toUnsignedInt(bytes[0x20F]);
    bytes[version] = '9';
    Path other = Files.write(temporary.resolve("vmlinuz"), bytes);

    assertThat(RunInitramfs.find(cache, other, Optional.empty())).isEmpty();
  }

  private static byte[] bytes(FileTree tree) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new CpioWriter(Initramfs.EPOCH_SECONDS).write(tree, out);
    return out.toByteArray();
  }
}
