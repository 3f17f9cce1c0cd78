package dev.monoceros.machine.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LinuxBootTest {
  private static final long MEBIBYTE = 1L << 20;
  private static final MemorySegment NO_SEED = MemorySegment.ofArray(new byte[0]);
  private static final byte[] TEXT = TestElf.pattern(400_003, 1);
  private static final byte[] DATA = TestElf.pattern(300_001, 2);
  private static final byte[] PER_CPU = TestElf.pattern(5000, 3);

  private final Arena arena = Arena.ofConfined();
  private final PhysicalMemory ram = PhysicalMemory.over(arena.allocate(64 * MEBIBYTE, 4096));

  @AfterEach
  void free() {
    arena.close();
  }

  /**
   * Laid out as Linux is: text at 2 MiB in the file, per-CPU data closer together in memory than in
   * the file.
   */
  private static byte[] vmlinux() {
    return new TestElf()
        .load(0x200000, 0x1000000, TEXT, TEXT.length)
        .load(0x600000, 0x1400000, DATA, DATA.length + 0x10000)
        .load(0x800000, 0x14a0000, PER_CPU, PER_CPU.length)
        .build();
  }

  private BootState boot(byte[] kernel) throws BootException {
    return boot(kernel, "quiet", List.of());
  }

  private BootState boot(byte[] kernel, String commandLine, List<BootSource> initrds)
      throws BootException {
    return LinuxBoot.load(
        ram,
        new LinuxBootConfig(
            BootSource.of("kernel k", kernel), initrds, commandLine, 0xe0000, NO_SEED));
  }

  private void assertSegmentsInPlace() {
    assertHolds(0x1000000, TEXT);
    assertHolds(0x1400000, DATA);
    assertZero(".bss", 0x1400000L + DATA.length, 0x10000);
    assertHolds(0x14a0000, PER_CPU);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void aBzImageOfEveryCompressionIsUnpackedToItsPhysicalAddresses(TestBzImage.Packing packing)
      throws Exception {
    BootState state = boot(new TestBzImage().build(vmlinux(), packing));
    assertSegmentsInPlace();
    assertThat(state.rip()).isEqualTo(0x1000000);
    assertThat(state.kernelVersion()).isEqualTo("6.1.0-test (builder@host) #1");
    assertThat(state.kernelEnd()).isEqualTo(0x14a0000L + PER_CPU.length);
  }

  @Test
  void unpackingLeavesNoTraceOfTheFileOutsideItsSegments() throws Exception {
    boot(new TestBzImage().build(vmlinux(), TestBzImage.Packing.LZ4));
    assertZero("the ELF header's 2 MiB", 0xe00000, 0x200000);
    long after = 0x14a0000L + PER_CPU.length;
    assertZero("behind the kernel", after, 32 * MEBIBYTE - after);
    assertZero("between text and data", 0x1000000L + TEXT.length, 0x100000);
  }

  @Test
  void anElfVmlinuxIsLoadedDirectly() throws Exception {
    BootState state = boot(vmlinux());
    assertSegmentsInPlace();
    assertThat(state.rip()).isEqualTo(0x1000000);
    assertThat(state.kernelVersion()).isEmpty();
    assertThat(u16(state.rsi() + 0x1fe)).isEqualTo(0xaa55);
    assertThat(u32(state.rsi() + 0x202)).isEqualTo(0x53726448);
  }

  @Test
  void aVirtualEntryPointIsTranslated() throws Exception {
    TestElf elf = new TestElf().load(0x1000, 0x1000000, new byte[0x2000], 0x2000);
    elf.entry = 0xffff_ffff_8100_0123L;
    assertThat(boot(elf.build()).rip()).isEqualTo(0x1000123);
  }

  @Test
  void segmentsThatWantEachOthersPlacesAreStillRight() throws Exception {
    byte[] a = TestElf.pattern(0x100000, 7);
    byte[] b = TestElf.pattern(0x100000, 8);
    // Unpacked at 14 MiB: the file's second megabyte lies where the first segment goes and the
    // other way round.
    byte[] elf =
        new TestElf()
            .load(0x200000, 0x1100000, a, a.length)
            .load(0x300000, 0x1000000, b, b.length)
            .build();
    boot(new TestBzImage().build(elf, TestBzImage.Packing.GZIP));
    assertHolds(0x1100000, a);
    assertHolds(0x1000000, b);
  }

  @Test
  void theBootParamsPageHoldsTheKernelsOwnHeaderAndOurFields() throws Exception {
    byte[] image = new TestBzImage().build(vmlinux(), TestBzImage.Packing.LZ4);
    BootState state = boot(image, "console=ttyS0 quiet", List.of());
    long page = state.rsi();
    assertThat(page % 4096).isZero();
    assertThat(u16(page + 0x206)).as("protocol version").isEqualTo(0x20f);
    assertThat(u32(page + 0x230)).as("kernel_alignment").isEqualTo(0x200000);
    assertThat(u32(page + 0x260)).as("init_size").isEqualTo(0x200000);
    assertThat(u8(page + 0x210)).as("type_of_loader").isEqualTo(0xff);
    assertThat(u8(page + 0x211) & 1).as("LOADED_HIGH").isEqualTo(1);
    assertThat(u64(page + 0x70)).as("acpi_rsdp_addr").isEqualTo(0xe0000);
    assertThat(u8(page + 0x1ef)).as("sentinel").isZero();
    assertThat(u16(page + 0x1fa)).as("vid_mode").isEqualTo(0xffff);
    assertThat(u64(page + 0x250)).as("no setup_data").isZero();
    assertThat(bytes(page + 0x26c, 0x2d0 - 0x26c))
        .as("nothing beyond the header's end")
        .containsOnly(0);
    assertThat(string(u32(page + 0x228))).isEqualTo("console=ttyS0 quiet");
  }

  @Test
  void theMemoryMapHasRamBelowAndAboveTheHole() {
    assertThat(MemoryMap.of(RamLayout.of(64 * MEBIBYTE)))
        .containsExactly(
            new MemoryMap.Range(0, 0x9fc00, 1),
            new MemoryMap.Range(0x9fc00, 0x400, 2),
            new MemoryMap.Range(0xe0000, 0x20000, 2),
            new MemoryMap.Range(0x100000, 63 * MEBIBYTE, 1));
    assertThat(MemoryMap.of(RamLayout.of(8192 * MEBIBYTE)))
        .contains(
            new MemoryMap.Range(0x100000, 0xe000_0000L - 0x100000, 1),
            new MemoryMap.Range(0x1_0000_0000L, (8192 - 3584) * MEBIBYTE, 1));
  }

  @Test
  void theMemoryMapIsInTheBootParamsPage() throws Exception {
    long page = boot(vmlinux()).rsi();
    assertThat(u8(page + 0x1e8)).isEqualTo(4);
    long last = page + 0x2d0 + 3 * 20;
    assertThat(u64(last)).isEqualTo(0x100000);
    assertThat(u64(last + 8)).isEqualTo(63 * MEBIBYTE);
    assertThat(u32(last + 16)).isEqualTo(1);
  }

  @Test
  void theInitrdLiesAsHighAsPossibleOnAPage() throws Exception {
    byte[] initrd = TestElf.pattern(1_000_001, 5);
    BootState state = boot(vmlinux(), "", List.of(BootSource.of("initrd i", initrd)));
    assertThat(state.initrdAddress()).isEqualTo((64 * MEBIBYTE - initrd.length) & -4096L);
    assertHolds(state.initrdAddress(), initrd);
    assertThat(u32(state.rsi() + 0x218)).isEqualTo(state.initrdAddress());
    assertThat(u32(state.rsi() + 0x21c)).isEqualTo(initrd.length);
  }

  @Test
  void theInitrdStaysBelowTheKernelsLimit() throws Exception {
    TestBzImage image = new TestBzImage();
    image.initrdMax = 48 * MEBIBYTE - 1;
    BootState state =
        boot(
            image.build(vmlinux(), TestBzImage.Packing.LZ4),
            "",
            List.of(BootSource.of("initrd i", new byte[4096])));
    assertThat(state.initrdAddress()).isEqualTo(48 * MEBIBYTE - 4096);
  }

  @Test
  void severalInitrdsFollowEachOtherAtMultiplesOfFour() throws Exception {
    BootState state =
        boot(
            vmlinux(),
            "",
            List.of(
                BootSource.of("a", new byte[] {1, 2, 3, 4, 5}),
                BootSource.of("b", new byte[] {6, 7})));
    assertThat(bytes(state.initrdAddress(), 10)).containsExactly(1, 2, 3, 4, 5, 0, 0, 0, 6, 7);
    assertThat(state.initrdSize()).isEqualTo(10);
  }

  @Test
  void anInitrdThatDoesNotFitBesideTheKernelIsRefused() {
    assertThatThrownBy(
            () -> boot(vmlinux(), "", List.of(BootSource.of("initrd big", new byte[50 << 20]))))
        .isInstanceOf(BootException.class)
        .hasMessage(
            "initrd big of 50 MiB does not fit into 64 MiB of RAM beside the kernel, which needs the first 21 MiB");
  }

  @Test
  void theSeedIsASetupDataNode() throws Exception {
    byte[] seed = TestElf.pattern(32, 9);
    BootState state =
        LinuxBoot.load(
            ram,
            new LinuxBootConfig(
                BootSource.of("k", vmlinux()), List.of(), "", 0, MemorySegment.ofArray(seed)));
    long node = u64(state.rsi() + 0x250);
    assertThat(u64(node)).as("next").isZero();
    assertThat(u32(node + 8)).as("SETUP_RNG_SEED").isEqualTo(9);
    assertThat(u32(node + 12)).isEqualTo(32);
    assertThat(bytes(node + 16, 32)).isEqualTo(seed);
  }

  @Test
  void theCommandLineMayBeAsLongAsTheKernelSaysAndNoLonger() throws Exception {
    TestBzImage image = new TestBzImage();
    image.commandLineSize = 100;
    byte[] kernel = image.build(vmlinux(), TestBzImage.Packing.LZ4);
    boot(kernel, "x".repeat(100), List.of());
    assertThatThrownBy(() -> boot(kernel, "x".repeat(101), List.of()))
        .hasMessage("the command line has 101 bytes, but this kernel takes at most 100");
  }

  @Test
  void thePageTablesMapTheFirstFourGibibytesToThemselves() throws Exception {
    BootState state = boot(vmlinux());
    for (long address :
        new long[] {0, 0x1000000, 0x3fff_ffffL, 0x4000_0000L, 0xfee0_0123L, 0xffff_ffffL}) {
      assertThat(translate(state.cr3(), address)).isEqualTo(address);
    }
    assertThat(u64(state.cr3() + 8)).as("nothing above").isZero();
    assertThat(u64((u64(state.cr3()) & ~0xfffL) + 8 * 4)).as("nothing above 4 GiB").isZero();
  }

  @Test
  void theDescriptorsAreFlatCode64AndData() throws Exception {
    BootState state = boot(vmlinux());
    assertThat(state.gdtLimit()).isGreaterThanOrEqualTo(state.dataSelector() + 7);
    assertThat(u64(state.gdtBase() + state.codeSelector())).isEqualTo(0x00af9b000000ffffL);
    assertThat(u64(state.gdtBase() + state.dataSelector())).isEqualTo(0x00cf93000000ffffL);
    assertThat(state.codeSelector()).as("__BOOT_CS").isEqualTo(0x10);
    assertThat(state.dataSelector()).as("__BOOT_DS").isEqualTo(0x18);
    assertThat(state.cr0() & 0x8000_0001L).as("PG and PE").isEqualTo(0x8000_0001L);
    assertThat(state.cr4() & 0x20).as("PAE").isEqualTo(0x20);
    assertThat(state.efer() & 0x500).as("LME and LMA").isEqualTo(0x500);
  }

  private long translate(long cr3, long address) {
    long pdpt = u64(cr3 + 8 * (address >>> 39 & 0x1ff)) & ~0xfffL;
    long directory = u64(pdpt + 8 * (address >>> 30 & 0x1ff)) & ~0xfffL;
    long entry = u64(directory + 8 * (address >>> 21 & 0x1ff));
    assertThat(entry & 0x83).as("present, writable, large").isEqualTo(0x83);
    return (entry & ~0x1f_ffffL) | (address & 0x1f_ffffL);
  }

  private void assertHolds(long address, byte[] expected) {
    assertThat(ram.slice(address, expected.length).mismatch(MemorySegment.ofArray(expected)))
        .isEqualTo(-1);
  }

  private void assertZero(String what, long address, long length) {
    assertThat(ram.slice(address, length).mismatch(MemorySegment.ofArray(new byte[(int) length])))
        .as(what)
        .isEqualTo(-1);
  }

  private byte[] bytes(long address, int length) {
    return ram.slice(address, length).toArray(ValueLayout.JAVA_BYTE);
  }

  private String string(long address) {
    return ram.slice(address, 4096).getString(0, StandardCharsets.UTF_8);
  }

  private int u8(long address) {
    return LittleEndian.u8(ram.slice(address, 1), 0);
  }

  private int u16(long address) {
    return LittleEndian.u16(ram.slice(address, 2), 0);
  }

  private long u32(long address) {
    return LittleEndian.u32(ram.slice(address, 4), 0);
  }

  private long u64(long address) {
    return LittleEndian.s64(ram.slice(address, 8), 0);
  }
}
