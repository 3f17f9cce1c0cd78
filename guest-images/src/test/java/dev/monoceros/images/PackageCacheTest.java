package dev.monoceros.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What Debian's archive really gives, in the cache directory that everything else on this machine
 * uses too.
 */
@ExtendWith(AptRequired.class)
class PackageCacheTest {
  private final PackageCache cache = PackageCache.open(CacheOptions.defaults());

  @Test
  void theKernelIsABzImageOfItsReleaseWithItsModules() throws IOException {
    Kernel kernel = cache.kernel();

    ByteBuffer image =
        ByteBuffer.wrap(Files.readAllBytes(kernel.vmlinuz())).order(ByteOrder.LITTLE_ENDIAN);
    // Documentation/arch/x86/boot.rst: "HdrS" at 0x202, offset of the version string less 0x200 at
    // 0x20e.
    assertThat(image.getInt(0x202)).isEqualTo(0x53726448);
    int version = 0x200 + Short.toUnsignedInt(image.getShort(0x20E));
    assertThat(
            new String(
                image.array(), version, kernel.release().length() + 1, StandardCharsets.US_ASCII))
        .isEqualTo(kernel.release() + " ");
    assertThat(kernel.modules().resolve("modules.builtin")).exists();
    assertThat(kernel.from().name()).isEqualTo("linux-image-" + kernel.release());
    assertThat(kernel.release()).endsWith("-cloud-amd64");
  }

  @Test
  void busyboxIsStaticAndForTheGuest() throws IOException {
    byte[] elf = Files.readAllBytes(cache.busybox().path());

    assertElf(elf, 0x3E);
    assertThat(hasInterpreter(elf)).isFalse();
  }

  @Test
  void bothLibunicornsAreWhatTheyClaim() throws IOException {
    PackagedFile reference = cache.libunicorn("2.1.4");
    PackagedFile alternative = cache.libunicorn("2.1.1");

    assertThat(UnicornPackages.compare(reference.from().upstreamVersion(), "2.1.4"))
        .isNotNegative();
    assertThat(alternative.from().upstreamVersion()).isEqualTo("2.1.1");
    for (PackagedFile library : new PackagedFile[] {reference, alternative}) {
      assertElf(
          Files.readAllBytes(library.path()), HostArch.current() == HostArch.AMD64 ? 0x3E : 0xB7);
      assertThat(library.path().getFileName()).hasToString("libunicorn.so.2");
    }
    assertThat(Files.mismatch(reference.path(), alternative.path())).isNotNegative();
  }

  @Test
  void anotherLibunicornIsRefusedByName() {
    assertThatThrownBy(() -> cache.libunicorn("2.0.1"))
        .isInstanceOf(ImagesException.class)
        .hasMessage("libunicorn 2.0.1 cannot be fetched: there are 2.1.4 and 2.1.1.");
  }

  @Test
  void everyOracleRunsFromTheCacheAlone() {
    Oracles oracles = cache.oracles();

    assertThat(ToolRun.output(oracles.qemuImg(), "--version")).contains("qemu-img version 7.2");
    assertThat(ToolRun.output(oracles.qemuIo(), "--version")).contains("qemu-io version 7.2");
    assertThat(ToolRun.output(oracles.qemuNbd(), "--version")).contains("qemu-nbd 7.2");
    assertThat(ToolRun.output(oracles.qemuSystem(), "-accel", "help")).contains("tcg");
    assertThat(ToolRun.output(oracles.e2fsck(), "-V")).contains("1.47.0");
    assertThat(ToolRun.output(oracles.mke2fs(), "-V")).contains("1.47.0");
    assertThat(ToolRun.output(oracles.debugfs(), "-V")).contains("1.47.0");
    assertThat(ToolRun.output(oracles.dumpe2fs(), "-V")).contains("1.47.0");
    assertThat(ToolRun.output(oracles.iasl(), "-v")).contains("ASL+ Optimizing Compiler");
    assertThat(ToolRun.output(oracles.cpio(), "--version")).contains("GNU cpio");
    assertThat(ToolRun.output(oracles.sfdisk(), "--version")).contains("sfdisk from util-linux");
    assertThat(ToolRun.output(oracles.depmod(), "--version")).contains("kmod version");
    assertThat(ToolRun.output(cache.imageTools().mke2fs(), "-V")).contains("1.47");
  }

  @Test
  void noOracleIsMissingHere() {
    assertThat(Oracles.missing(cache)).isEmpty();
  }

  @Test
  void aToolNeedsNothingOfTheHostsLibraries() throws IOException {
    Tool tool = cache.oracles().qemuImg();
    Path loader = Path.of(tool.command().getFirst());

    ProcessBuilder list =
        new ProcessBuilder(
            loader.toString(),
            "--inhibit-cache",
            "--library-path",
            tool.command().get(3),
            "--list",
            tool.command().getLast());
    String libraries =
        new String(list.start().getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(libraries.lines().filter(line -> line.contains("=>")))
        .isNotEmpty()
        .allSatisfy(line -> assertThat(line).contains("=> " + cache.options().directory()));
  }

  @Test
  void aSecondUseTakesLessThanFiftyMillisecondsAndNoNetwork() {
    cache.kernel();
    PackageCache offline = PackageCache.open(cache.options().withOffline(true));
    long[] nanos = new long[9];
    for (int i = 0; i < nanos.length; i++) {
      long start = System.nanoTime();
      offline.kernel();
      nanos[i] = System.nanoTime() - start;
    }
    Arrays.sort(nanos);

    assertThat(nanos[nanos.length / 2]).isLessThan(50_000_000);
  }

  /**
   * System V ABI, chapter 5: a program that needs a dynamic loader has a segment of type PT_INTERP.
   */
  private static boolean hasInterpreter(byte[] file) {
    ByteBuffer elf = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    int table = (int) elf.getLong(0x20);
    return IntStream.range(0, elf.getShort(0x38))
        .anyMatch(i -> elf.getInt(table + i * elf.getShort(0x36)) == 3);
  }

  private static void assertElf(byte[] file, int machine) {
    ByteBuffer elf = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(elf.getInt(0)).isEqualTo(0x464C457F);
    assertThat(Short.toUnsignedInt(elf.getShort(18))).isEqualTo(machine);
  }
}
