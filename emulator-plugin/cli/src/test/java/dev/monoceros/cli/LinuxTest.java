package dev.monoceros.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.images.CacheOptions;
import dev.monoceros.images.ImagesException;
import dev.monoceros.images.Kernel;
import dev.monoceros.images.PackageCache;
import dev.monoceros.images.disk.DemoDisk;
import dev.monoceros.images.disk.DiskTarget;
import dev.monoceros.images.initramfs.KernelModules;
import dev.monoceros.images.initramfs.ModuleFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Debian's kernel and a shell, by the launcher, with nothing named but kernel and disk. */
@ExtendWith(LibraryRequired.class)
@Timeout(300)
class LinuxTest {
  @TempDir Path temporary;
  private final PackageCache cache = PackageCache.open(CacheOptions.defaults());

  @Test
  void whatTheGuestSyncedIsThereAfterASignalAndTheImageIsClean() throws Exception {
    Path disk = temporary.resolve("demo.qcow2");
    Kernel kernel = cache.kernel();
    DemoDisk.build(
        cache,
        new KernelModules(kernel.release(), ModuleFiles.directory(kernel.modules())),
        "of a test",
        disk,
        DiskTarget::qcow2);

    try (Launched run = shell(kernel, disk)) {
      run.typeLast("echo kept > /kept; sync; echo READY-$((1+1)); while :; do :; done\n");
      run.awaitLine("DEMO-OK of a test");
      run.awaitLine("READY-2");
      run.signal("TERM");
      assertThat(run.exitCode()).isEqualTo(143);
      assertThat(run.words()).contains("  repeatable     yes").contains("  vda requests ");
    }
    check(disk);

    try (Launched run = shell(kernel, disk)) {
      run.typeLast("cat /kept; exit\n");
      run.awaitLine("kept");
      assertThat(run.rest()).contains("reboot: Power down");
      assertThat(run.exitCode()).isZero();
      assertThat(run.words()).contains("PASS");
    }
    check(disk);
  }

  @Test
  void aDiskBehindRegistersIsTheRootWithNothingElseNamed() throws Exception {
    Path disk = temporary.resolve("demo.qcow2");
    Kernel kernel = cache.kernel();
    DemoDisk.build(
        cache,
        new KernelModules(kernel.release(), ModuleFiles.directory(kernel.modules())),
        "behind registers",
        disk,
        DiskTarget::qcow2);
    Path log = temporary.resolve("console.log");

    try (Launched run =
        Launched.start(
            temporary,
            Map.of("MONOCEROS_CACHE", cache.options().directory().toString()),
            "run",
            "--offline",
            "-k",
            kernel.vmlinuz().toString(),
            "-d",
            disk + ",transport=mmio",
            "-p",
            "demo.end=shell",
            "--console-log",
            log.toString())) {
      run.typeLast("readlink /sys/block/vda; exit\n");
      run.awaitLine("DEMO-OK behind registers");
      run.rest();
      assertThat(run.exitCode()).as(run.words()).isZero();
    }
    assertThat(Files.readString(log)).contains("LNRO0005:00/virtio0/block/vda").contains("ttyS0");
    check(disk);
  }

  private Launched shell(Kernel kernel, Path disk) throws IOException {
    return Launched.start(
        temporary,
        Map.of("MONOCEROS_CACHE", cache.options().directory().toString()),
        "run",
        "--offline",
        "-k",
        kernel.vmlinuz().toString(),
        "-d",
        disk.toString(),
        "-p",
        "demo.end=shell");
  }

  private void check(Path disk) throws IOException, InterruptedException, ImagesException {
    Process check =
        cache
            .oracles()
            .qemuImg()
            .process("check", disk.toString())
            .redirectErrorStream(true)
            .start();
    String words =
        new String(check.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    assertThat(check.waitFor()).as(words).isZero();
    assertThat(words).contains("No errors were found");
  }
}
