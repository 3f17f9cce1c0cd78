package dev.monoceros.unicorn;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongToIntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which of the engine's blocks {@link StringRuns} has code for: those in all as it knows them. */
class StringRunsBlockTest {
  private static final int FLAGS = 0x10;
  private static final int SIZE = 0x14;
  private static final int EMITTED = 0x20;
  private static final int DESCRIPTOR = 0x28;
  private static final int INHIBIT_IRQ = 1 << 3;
  private static final int CS64 = 1 << 15;
  private static final List<String> KNOWN =
      List.of("f3aa", "f3ab", "f348ab", "f3a4", "f3a5", "f348a5");

  private final MemorySegment block = HostMemory.map(4096);
  private final MemorySegment emitted = HostMemory.map(4096);
  private StringRig rig;
  private StringRuns strings;
  private int length;

  @AfterEach
  void close() {
    rig.close();
    HostMemory.unmap(block);
    HostMemory.unmap(emitted);
  }

  private void open(String version) {
    rig = StringRig.fast(version);
    strings = rig.engine.library().strings().orElseThrow();
  }

  /** Has the engine translate an instruction, and copies the block. */
  private void translate(String code) {
    rig.run(StringStart.of(code, 3, StringRig.DATA, StringRig.DATA + 0x2000));
    assertThat(rig.offers).as(code).hasSize(1);
    StringRig.Offer offer = rig.offers.getFirst();
    length = offer.length();
    copy(offer.block(), block, DESCRIPTOR);
    copy(HostMemory.getLong(offer.block() + EMITTED), emitted, length);
    HostMemory.putLong(block.address() + EMITTED, emitted.address());
    assertThat(codeFor(rig::code)).as("code for the copy of %s", code).isEqualTo(offer.answer());
  }

  private static void copy(long from, MemorySegment to, int bytes) {
    MemorySegment source = MemorySegment.ofAddress(from).reinterpret(bytes);
    MemorySegment.copy(source, 0, to, 0, bytes);
  }

  private long codeFor(LongToIntFunction guest) {
    return strings.codeFor(block.address(), length, guest);
  }

  private static LongToIntFunction reading(String code) {
    byte[] bytes = HexFormat.of().parseHex(code);
    return address -> bytes[(int) (address - StringRig.CODE)] & 0xff;
  }

  @ParameterizedTest
  @ValueSource(strings = {"2.1.4", "2.1.1"})
  void everyInstructionHasCodeOfItsOwn(String version) {
    open(version);
    List<Long> codes =
        KNOWN.stream()
            .map(
                code -> {
                  translate(code);
                  return codeFor(rig::code);
                })
            .toList();
    assertThat(codes).doesNotContain(0L).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @ValueSource(strings = {"2.1.4", "2.1.1"})
  void everyOneOfTheEnginesTlbsHasCodeOfItsOwn(String version) {
    open(version);
    int user = CpuState.HIDDEN_CS64 | CpuState.HIDDEN_CPL;
    int smap = CpuState.HIDDEN_CS64 | StringStart.HIDDEN_SMAP;
    StringStart start = StringStart.of("f3ab", 3, StringRig.DATA, StringRig.DATA);
    Map<Integer, Long> codes = new TreeMap<>();
    for (int hidden : new int[] {CpuState.HIDDEN_CS64, user, smap}) {
      rig.run(start.hidden(hidden));
      codes.put(hidden, rig.offers.getFirst().answer());
    }
    assertThat(codes.values()).hasSize(3).doesNotContain(0L).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @ValueSource(strings = {"2.1.4", "2.1.1"})
  void aBlockThatDoesOtherThanTheGuestsBytesSayHasNone(String version) {
    open(version);
    for (String code : KNOWN) {
      translate(code);
      for (String other : KNOWN) {
        if (!other.equals(code) && other.length() == code.length()) {
          assertThat(codeFor(reading(other))).as("%s for %s", code, other).isZero();
        }
      }
      assertThat(codeFor(address -> -1)).as("%s that cannot be read", code).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"2.1.4", "2.1.1"})
  void aBlockOfOtherModesHasNone(String version) {
    open(version);
    translate("f3aa");
    int flags = HostMemory.getInt(block.address() + FLAGS);
    assertThat(flags & CS64).isNotZero();
    for (int other :
        new int[] {flags & ~CS64, flags | INHIBIT_IRQ, flags | 1 << 8, flags | 1 << 16}) {
      HostMemory.putInt(block.address() + FLAGS, other);
      assertThat(codeFor(rig::code)).as("flags %x", other).isZero();
    }
    HostMemory.putInt(block.address() + FLAGS, flags);
    HostMemory.putShort(block.address() + SIZE, (short) 3);
    assertThat(codeFor(rig::code)).as("another size").isZero();
  }

  /** A byte of the first lookup in the TLB, of its shift, or of the last addition. */
  @ParameterizedTest
  @ValueSource(strings = {"2.1.4", "2.1.1"})
  void aBlockThatLooksForItsPageOtherwiseHasNone(String version) {
    open(version);
    for (String code : KNOWN) {
      translate(code);
      byte[] original = emitted.asSlice(0, length).toArray(JAVA_BYTE);
      String hex = HexFormat.of().formatHex(original);
      int lookup = hex.indexOf("48c1ef06") / 2;
      assertThat(lookup).isPositive();
      for (int at : new int[] {lookup, lookup + 3, hex.lastIndexOf("48037720") / 2 + 3}) {
        emitted.set(JAVA_BYTE, at, (byte) (original[at] + 1));
        assertThat(codeFor(rig::code)).as("%s with another byte %d", code, at).isZero();
        emitted.set(JAVA_BYTE, at, original[at]);
      }
      assertThat(codeFor(rig::code)).isNotZero();
    }
  }

  /** A call bridges 2 GiB. */
  @ParameterizedTest
  @ValueSource(strings = {"2.1.4", "2.1.1"})
  void aBlockOutOfReachHasNone(String version) {
    open(version);
    translate("f3a4");
    long code = codeFor(rig::code);
    MemorySegment mmap = Linker.nativeLinker().defaultLookup().findOrThrow("mmap");
    long wish = code - (3L << 31) & -4096;
    long far = NativeCalls.call(mmap, wish, 4096, 3, 0x22, -1, 0);
    assertThat(Math.abs(far - code)).as("distance").isGreaterThan(1L << 31);
    MemorySegment page = MemorySegment.ofAddress(far).reinterpret(4096);
    copy(emitted.address(), page, length);
    HostMemory.putLong(block.address() + EMITTED, far);
    assertThat(codeFor(rig::code)).isZero();
    HostMemory.unmap(page);
  }
}
