package dev.monoceros.machine.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.monoceros.machine.boot.TestBzImage.Packing;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever is given as a kernel, the answer is one sentence that says what it is. */
class BootRefusalTest {
  private static final byte[] KERNEL =
      new TestElf().load(0x1000, 0x1000000, TestElf.pattern(50_000, 1), 60_000).build();

  private static final Map<Packing, byte[]> INTACT = new EnumMap<>(Packing.class);

  private static BootState boot(byte[] kernel) throws BootException {
    try (Arena arena = Arena.ofConfined()) {
      PhysicalMemory ram = PhysicalMemory.over(arena.allocate(24L << 20, 4096));
      return LinuxBoot.load(
          ram,
          new LinuxBootConfig(
              BootSource.of("kernel k", kernel),
              List.of(),
              "",
              0,
              MemorySegment.ofArray(new byte[0])));
    }
  }

  private static void assertRefused(byte[] kernel, String message) {
    assertThatThrownBy(() -> boot(kernel)).isInstanceOf(BootException.class).hasMessage(message);
  }

  @ParameterizedTest
  @CsvSource({
    "1f8b0800, a gzip file",
    "fd377a585a00, an xz file",
    "425a6839, a bzip2 file",
    "28b52ffd, a zstd file",
    "514649fb, a QCOW disk image",
    "303730373031, a cpio archive (an initramfs)",
    "213c617263683e0a, an ar archive (a Debian package)",
    "2321202f62696e2f7368, a script",
    "4d5a9000, an EFI program",
    "48656c6c6f0a, a text file",
    "0001020304, of an unknown kind",
  })
  void otherFilesAreNamed(String hex, String kind) {
    byte[] head = HexFormat.of().parseHex(hex);
    assertRefused(head, "kernel k is " + kind + ", not a kernel");
  }

  @Test
  void anEmptyFileIsCalledEmpty() {
    assertRefused(new byte[0], "kernel k is empty, not a kernel");
  }

  @Test
  void anExtFileSystemAndABootSectorAreNamed() {
    byte[] ext = new byte[4096];
    ext[0x438] = 0x53;
    ext[0x439] = (byte) 0xef;
    assertRefused(ext, "kernel k is an ext file system, not a kernel");
    byte[] disk = new byte[4096];
    disk[510] = 0x55;
    disk[511] = (byte) 0xaa;
    assertRefused(disk, "kernel k is a disk image or boot sector, not a kernel");
  }

  @ParameterizedTest
  @CsvSource({"183, aarch64", "3, i386", "243, RISC-V", "999, machine type 999"})
  void anElfForAnotherMachineIsNamed(int machine, String name) {
    TestElf elf = new TestElf().load(0x1000, 0x1000000, new byte[16], 16);
    elf.machine = machine;
    assertRefused(elf.build(), "kernel k is an ELF for " + name + ", not for x86-64");
  }

  @Test
  void otherKindsOfElfAreNamed() {
    TestElf module = new TestElf().load(0x1000, 0x1000000, new byte[16], 16);
    module.type = 1;
    assertRefused(
        module.build(), "kernel k is an ELF relocatable object (a kernel module?), not a kernel");
    module.type = 4;
    assertRefused(module.build(), "kernel k is an ELF core dump, not a kernel");
    byte[] program = new TestElf().header(3).load(0x1000, 0x1000000, new byte[16], 16).build();
    assertRefused(program, "kernel k is an ELF program that needs an interpreter, not a kernel");
    byte[] low = new TestElf().load(0x1000, 0x8000, new byte[16], 16).build();
    assertRefused(low, "kernel k wants to be loaded at 0x8000, below 1 MiB, which no kernel does");
  }

  @Test
  void anElfCutShortIsCalledTruncated() {
    assertRefused(
        Arrays.copyOf(KERNEL, KERNEL.length - 1),
        "kernel k is an ELF file with a segment outside it: truncated or damaged");
  }

  @Test
  void aKernelTooLargeForTheRamSaysSo() {
    byte[] elf = new TestElf().load(0x1000, 0x1000000, new byte[16], 64 << 20).build();
    assertRefused(
        elf,
        "kernel k needs memory up to 0x5000000, but RAM ends at 0x1800000 (24 MiB): give the machine more");
    TestBzImage image = new TestBzImage();
    image.initSize = 0x4000000;
    assertRefused(
        image.build(KERNEL, Packing.GZIP),
        "kernel k needs 80 MiB of RAM to start; the machine has 24 MiB");
  }

  @Test
  void aBzImageCutShortIsCalledTruncated() {
    byte[] whole = new TestBzImage().build(KERNEL, Packing.GZIP);
    int payloadEnd = whole.length - 64;
    assertRefused(
        Arrays.copyOf(whole, payloadEnd - 1),
        "kernel k is a bzImage truncated at %d bytes; it has %d"
            .formatted(payloadEnd - 1, payloadEnd));
    assertThatThrownBy(() -> boot(Arrays.copyOf(whole, 0x300)))
        .hasMessageContaining("truncated at 768 bytes");
  }

  @Test
  void aThirtyTwoBitOrAncientBzImageIsNamed() {
    TestBzImage image = new TestBzImage();
    image.xloadFlags = 0;
    assertRefused(
        image.build(KERNEL, Packing.GZIP), "kernel k is a bzImage for 32-bit x86, not for x86-64");
    image.version = 0x207;
    assertRefused(
        image.build(KERNEL, Packing.GZIP),
        "kernel k speaks boot protocol 2.07; at least 2.10 (Linux 2.6.31) is needed");
  }

  @Test
  void aPayloadThatIsNoElfIsNamed() {
    byte[] text = "not a kernel at all\n".getBytes(StandardCharsets.US_ASCII);
    assertRefused(
        new TestBzImage().build(text, Packing.GZIP),
        "the kernel inside kernel k is a text file, not an ELF kernel");
  }

  @Test
  void aPayloadOfAnUnknownCompressionIsNamed() {
    byte[] lzo = new byte[100];
    System.arraycopy("\u0089LZO".getBytes(StandardCharsets.ISO_8859_1), 0, lzo, 0, 4);
    assertRefused(
        new TestBzImage().wrap(lzo),
        "kernel k is a bzImage whose payload is an LZO file: LZ4, gzip, xz, zstd, LZMA or bzip2 would do");
  }

  /** A compression bomb: the declared size is believed only as a bound. */
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void aPayloadThatUnpacksToMoreThanItDeclaresIsRefused(Packing packing) {
    byte[] payload = TestBzImage.payload(new byte[2 << 20], packing);
    payload[payload.length - 1] = 0;
    payload[payload.length - 2] = 0x10;
    payload[payload.length - 3] = 0;
    payload[payload.length - 4] = 0;
    assertThatThrownBy(() -> boot(new TestBzImage().wrap(payload)))
        .isInstanceOf(BootException.class)
        .hasMessageContaining("damaged");
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void aPayloadThatUnpacksToLessThanItDeclaresIsRefused(Packing packing) {
    byte[] payload = TestBzImage.payload(KERNEL, packing);
    payload[payload.length - 2] = 0x30;
    assertThatThrownBy(() -> boot(new TestBzImage().wrap(payload)))
        .isInstanceOf(BootException.class)
        .hasMessageContaining("damaged");
  }

  @Test
  void aPayloadThatDeclaresMoreThanTheRamIsRefusedBeforeUnpacking() {
    byte[] payload = TestBzImage.payload(KERNEL, Packing.GZIP);
    payload[payload.length - 1] = 0x7f;
    assertThatThrownBy(() -> boot(new TestBzImage().wrap(payload)))
        .hasMessage("kernel k unpacks to 2033 MiB, but the machine has only 10 MiB of RAM for it");
  }

  @Test
  void filesThatCannotBeOpenedAreNamed(@TempDir Path directory) {
    assertThatThrownBy(() -> BootFile.open("kernel", directory))
        .hasMessage("kernel " + directory + " is a directory");
    Path missing = directory.resolve("nothing");
    assertThatThrownBy(() -> BootFile.open("kernel", missing))
        .hasMessage("kernel " + missing + " does not exist");
  }

  @Test
  void aFileIsReadAtAnyPosition(@TempDir Path directory) throws Exception {
    Path file = Files.write(directory.resolve("f"), new byte[] {1, 2, 3, 4, 5});
    try (BootFile source = BootFile.open("kernel", file)) {
      byte[] two = new byte[2];
      source.read(3, MemorySegment.ofArray(two));
      assertThat(two).containsExactly(4, 5);
      assertThat(source.size()).isEqualTo(5);
      assertThatThrownBy(() -> source.read(4, MemorySegment.ofArray(two)))
          .hasMessage("it ends after 5 bytes");
    }
  }

  /** Damage anywhere is either harmless or refused, never another exception. */
  @Property(tries = 400)
  void noDamageToABzImageGivesAnythingButABootException(
      @ForAll Packing packing,
      @ForAll @Size(min = 1, max = 8) List<@IntRange(min = 0, max = 0x7fff_ffff) Integer> damage) {
    byte[] image = INTACT.computeIfAbsent(packing, p -> new TestBzImage().build(KERNEL, p)).clone();
    for (int d : damage) {
      // Half of the damage goes to the header.
      int where = (d & 1) == 0 ? 0x1f0 + (d >>> 9) % 0x80 : (d >>> 9) % image.length;
      image[where] = (byte) (d >>> 1);
    }
    assertBootsOrRefuses(image);
  }

  @Property(tries = 600)
  void noDamageToAnElfGivesAnythingButABootException(
      @ForAll @Size(min = 1, max = 8) List<@IntRange(min = 0, max = 0x7fff_ffff) Integer> damage) {
    byte[] image = KERNEL.clone();
    for (int d : damage) {
      image[(d >>> 9) % 180] = (byte) (d >>> 1);
    }
    assertBootsOrRefuses(image);
  }

  private static void assertBootsOrRefuses(byte[] image) {
    try {
      assertThat(boot(image).rip()).isBetween(0x100000L, 24L << 20);
    } catch (BootException e) {
      assertThat(e.getMessage()).contains("kernel k").doesNotContain("null");
    }
  }
}
