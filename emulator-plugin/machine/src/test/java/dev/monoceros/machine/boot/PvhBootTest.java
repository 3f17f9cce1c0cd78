package dev.monoceros.machine.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a kernel is told at its PVH entry point, at the offsets of Xen's start_info.h. */
class PvhBootTest {
  private static final long RAM = 64L << 20;
  private static final long KERNEL = 16L << 20;
  private static final int PHYS32_ENTRY = 18;

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment ram = arena.allocate(RAM, 4096);

  @AfterEach
  void free() {
    arena.close();
  }

  private static byte[] address(int bytes, long value) {
    ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    return bytes == 4 ? buffer.putInt((int) value).array() : buffer.putLong(value).array();
  }

  private static TestElf kernel() {
    return new TestElf().load(4096, KERNEL, TestElf.pattern(8192, 3), 16384);
  }

  private PvhState boot(byte[] elf, BootSource... initrds) throws BootException {
    return PvhBoot.load(
        PhysicalMemory.over(ram),
        new LinuxBootConfig(
            BootSource.of("kernel test", elf),
            List.of(initrds),
            "console=ttyS0",
            0xe1230,
            MemorySegment.ofArray(new byte[32])));
  }

  @Test
  void theEntryPointIsThatOfXensNoteAmongOthersInBothSizes() throws Exception {
    for (int size : new int[] {4, 8}) {
      byte[] other = TestElf.note("GNU\0", PHYS32_ENTRY, new byte[] {1, 2, 3});
      byte[] wrongType = TestElf.note("Xen\0", 6, address(8, 7));
      byte[] right = TestElf.note("Xen\0", PHYS32_ENTRY, address(size, KERNEL + 0x120));
      ByteBuffer notes = ByteBuffer.allocate(other.length + wrongType.length + right.length);
      notes.put(other).put(wrongType).put(right);

      PvhState state = boot(kernel().notes(0x8000, notes.array()).build());

      assertThat(state.eip()).isEqualTo(KERNEL + 0x120);
    }
  }

  @Test
  void theStartInfoNamesCommandLineModuleTablesAndMemory() throws Exception {
    byte[] note = TestElf.note("Xen\0", PHYS32_ENTRY, address(8, KERNEL));

    PvhState state =
        boot(
            kernel().notes(0x8000, note).build(),
            BootSource.of("initrd one", new byte[] {1, 2, 3}),
            BootSource.of("initrd two", new byte[] {4}));

    MemorySegment info = ram.asSlice(state.ebx());
    assertThat(LittleEndian.u32(info, 0)).as("magic").isEqualTo(0x336ec578);
    assertThat(LittleEndian.u32(info, 4)).as("version").isEqualTo(1);
    assertThat(LittleEndian.u32(info, 8)).as("flags").isZero();
    assertThat(LittleEndian.u32(info, 12)).as("nr_modules").isEqualTo(1);
    MemorySegment module = ram.asSlice(LittleEndian.s64(info, 16), 32);
    assertThat(LittleEndian.s64(module, 8)).as("size").isEqualTo(5);
    assertThat(ram.asSlice(LittleEndian.s64(module, 0), 5).toArray(ValueLayout.JAVA_BYTE))
        .containsExactly(1, 2, 3, 0, 4);
    assertThat(ram.getString(LittleEndian.s64(info, 24), StandardCharsets.US_ASCII))
        .isEqualTo("console=ttyS0");
    assertThat(LittleEndian.s64(info, 32)).as("rsdp_paddr").isEqualTo(0xe1230);
    assertThat(LittleEndian.u32(info, 48)).as("memmap_entries").isEqualTo(4);
    MemorySegment last = ram.asSlice(LittleEndian.s64(info, 40) + 3 * 24, 24);
    assertThat(LittleEndian.s64(last, 0)).isEqualTo(1 << 20);
    assertThat(LittleEndian.s64(last, 8)).isEqualTo(RAM - (1 << 20));
    assertThat(LittleEndian.u32(last, 16)).as("RAM").isEqualTo(1);
  }

  @Test
  void theDescriptorsAreFlatAndOf32BitsWithAnActiveTss() throws Exception {
    byte[] note = TestElf.note("Xen\0", PHYS32_ENTRY, address(4, KERNEL));

    PvhState state = boot(kernel().notes(0x8000, note).build());

    MemorySegment gdt = ram.asSlice(state.gdtBase(), state.gdtLimit() + 1L);
    assertThat(LittleEndian.s64(gdt, state.codeSelector())).isEqualTo(0x00cf_9b00_0000_ffffL);
    assertThat(LittleEndian.s64(gdt, state.dataSelector())).isEqualTo(0x00cf_9300_0000_ffffL);
    assertThat(LittleEndian.s64(gdt, state.taskSelector())).isEqualTo(0x8b00_0000_0067L);
  }

  @Test
  void aKernelWithoutTheNoteOrWithOneThatLeadsOutsideIsRefused() {
    assertThatThrownBy(() -> boot(kernel().build()))
        .isInstanceOf(BootException.class)
        .hasMessage(
            "kernel test has no PVH entry point (the ELF note XEN_ELFNOTE_PHYS32_ENTRY): it was"
                + " built without CONFIG_PVH");
    byte[] outside = TestElf.note("Xen\0", PHYS32_ENTRY, address(8, KERNEL + (1 << 20)));
    assertThatThrownBy(() -> boot(kernel().notes(0x8000, outside).build()))
        .hasMessage("kernel test has its PVH entry point 0x1100000 outside its segments");
  }

  @Test
  void noDamageToTheNotesGivesAnythingButABootException() {
    byte[] note = TestElf.note("Xen\0", PHYS32_ENTRY, address(8, KERNEL));
    byte[] sound = kernel().notes(0x8000, note).build();
    Random random = new Random(5);
    int refused = 0;
    for (int round = 0; round < 2000; round++) {
      byte[] damaged = sound.clone();
      int at = random.nextBoolean() ? 0x8000 + random.nextInt(24) : 64 + 56 + random.nextInt(56);
      damaged[at] = (byte) random.nextInt();
      try {
        boot(damaged);
      } catch (BootException e) {
        refused++;
      }
    }
    assertThat(refused).isBetween(200, 1999);
  }
}
