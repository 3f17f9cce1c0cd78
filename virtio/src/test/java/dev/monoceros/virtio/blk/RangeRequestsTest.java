package dev.monoceros.virtio.blk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.Wiring;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.BlkDriver.Range;
import dev.monoceros.virtio.testing.DriverBuffer;
import dev.monoceros.virtio.testing.MemoryBackend;
import dev.monoceros.virtio.testing.Must;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** DISCARD, WRITE_ZEROES and SECURE_ERASE (5.2.6). */
@ParameterizedClass
@EnumSource(Wiring.class)
class RangeRequestsTest {
  private static final int DISCARD = BlkDriver.T_DISCARD;
  private static final int ZEROES = BlkDriver.T_WRITE_ZEROES;
  private static final int ERASE = BlkDriver.T_SECURE_ERASE;
  private static final int[] TYPES = {DISCARD, ZEROES, ERASE};
  private static final long FEATURES = BlkRig.DISCARD | BlkRig.WRITE_ZEROES | BlkRig.SECURE_ERASE;
  private static final long CAPACITY = 1L << 40;
  private static final int UNMAP = 1;

  private final Wiring wiring;

  RangeRequestsTest(Wiring wiring) {
    this.wiring = wiring;
  }

  /** A disk of 512 TiB that writes down what it is asked to change. */
  private static final class Diary extends MemoryBackend {
    private final List<String> lines = new ArrayList<>();
    private final boolean unmaps;

    Diary(boolean unmaps) {
      super(1);
      this.unmaps = unmaps;
    }

    @Override
    public long capacitySectors() {
      return CAPACITY;
    }

    @Override
    public boolean unmapsZeroes() {
      return unmaps;
    }

    @Override
    public int discardAlignment() {
      return 65_536;
    }

    @Override
    public void writeZeroes(long offset, long length, boolean mayUnmap) {
      lines.add("zero " + offset / 512 + "+" + length / 512 + (mayUnmap ? " unmap" : ""));
    }

    @Override
    public void discard(long offset, long length) {
      lines.add("discard " + offset / 512 + "+" + length / 512);
    }

    @Override
    public void secureErase(long offset, long length) {
      lines.add("erase " + offset / 512 + "+" + length / 512);
    }
  }

  private static BlkOptions options() {
    return BlkOptions.DEFAULT.withShownFeatures(BlkRig.SECURE_ERASE);
  }

  private BlkRig start(MemoryBackend backend) {
    BlkRig rig = new BlkRig(wiring, backend, options());
    assertThat(rig.driver.offered() & FEATURES).isEqualTo(FEATURES);
    return rig.start(rig.driver.offered(), 32);
  }

  private static byte[] filled(BlkRig rig) {
    Arrays.fill(rig.backend.bytes(), (byte) 0xA5);
    return rig.backend.bytes().clone();
  }

  @Must(55)
  @ParameterizedTest
  @ValueSource(ints = {DISCARD, ZEROES, ERASE})
  void m55_anUnknownFlagIsAnsweredUnsuppAndNothingIsDone(int type) {
    Diary diary = new Diary(true);
    BlkRig rig = start(diary);
    int first = type == ZEROES ? 1 : 0;
    for (int bit = first; bit < 32; bit++) {
      assertThat(rig.disk.change(type, new Range(0, 8, 1L << bit)))
          .as("flag %d", bit)
          .isEqualTo(BlkDriver.S_UNSUPP);
    }
    assertThat(rig.disk.change(type, new Range(CAPACITY, 8, 2))).isEqualTo(BlkDriver.S_UNSUPP);
    assertThat(diary.lines).isEmpty();
    assertThat(rig.queue.usedLength()).isEqualTo(1);
  }

  @Must(55)
  @Test
  void m55_discardAndSecureEraseWithUnmapAreAnsweredUnsupp() {
    Diary diary = new Diary(true);
    BlkRig rig = start(diary);
    assertThat(rig.disk.change(DISCARD, new Range(0, 8, UNMAP))).isEqualTo(BlkDriver.S_UNSUPP);
    assertThat(rig.disk.change(ERASE, new Range(0, 8, UNMAP))).isEqualTo(BlkDriver.S_UNSUPP);
    assertThat(diary.lines).isEmpty();
    assertThat(rig.disk.change(ZEROES, new Range(0, 8, UNMAP))).isEqualTo(BlkDriver.S_OK);
  }

  @Must(55)
  @Test
  void m55_aFlagInTheLastOfManySegmentsStopsTheFirstToo() {
    Diary diary = new Diary(true);
    BlkRig rig = start(diary);
    Range[] ranges = new Range[16];
    for (int i = 0; i < 16; i++) {
      ranges[i] = new Range(100L * i, 8, i == 15 ? UNMAP : 0);
    }
    assertThat(rig.disk.change(DISCARD, ranges)).isEqualTo(BlkDriver.S_UNSUPP);
    assertThat(diary.lines).isEmpty();
  }

  @Must(56)
  @ParameterizedTest
  @ValueSource(ints = {0, UNMAP})
  void m56_afterWriteZeroesTheSectorsReadAsZeroAndTheirNeighboursAsBefore(int flags) {
    BlkRig rig = start(new MemoryBackend(BlkRig.SECTORS));
    byte[] expected = filled(rig);
    assertThat(rig.disk.change(ZEROES, new Range(7, 20, flags))).isEqualTo(BlkDriver.S_OK);
    Arrays.fill(expected, 7 * 512, 27 * 512, (byte) 0);
    assertThat(rig.backend.bytes()).isEqualTo(expected);
    assertThat(rig.disk.read(7, 20)).containsOnly(0);
    assertThat(rig.disk.read(6, 1)).containsOnly(0xA5);
    assertThat(rig.disk.read(27, 1)).containsOnly(0xA5);
    assertThat(rig.block.counts().zeroings()).isEqualTo(1);
  }

  @Must(57)
  @Test
  void m57_mayUnmapIsToldHonestlyAndPassedOnExactly() {
    for (boolean unmaps : new boolean[] {true, false}) {
      Diary diary = new Diary(unmaps);
      BlkRig rig = start(diary);
      assertThat(rig.driver.readConfig(56, 1)).isEqualTo(unmaps ? 1 : 0);
      assertThat(rig.disk.change(ZEROES, new Range(8, 2, UNMAP))).isEqualTo(BlkDriver.S_OK);
      assertThat(rig.disk.change(ZEROES, new Range(9, 3, 0))).isEqualTo(BlkDriver.S_OK);
      assertThat(diary.lines).containsExactly("zero 8+2 unmap", "zero 9+3");
    }
  }

  @Must(12)
  @Test
  void m12_theLimitsAreInTheConfigurationSpace() {
    BlkRig rig = new BlkRig(wiring, new Diary(false), options());
    long[] expected = {1 << 21, 16, 128, 1 << 16, 1, 0, 1 << 16, 1, 1};
    int[] fields = {36, 40, 44, 48, 52, 56, 60, 64, 68};
    for (int i = 0; i < fields.length; i++) {
      assertThat(rig.driver.readConfig(fields[i], 4)).as("at %d", fields[i]).isEqualTo(expected[i]);
    }
  }

  @Must(61)
  @Test
  void m61_aRangeOfTheMaximumLengthIsDoneAndALongerOneRefused() {
    Diary diary = new Diary(true);
    BlkRig rig = start(diary);
    int[] most = {1 << 21, 1 << 16, 1 << 16};
    for (int i = 0; i < 3; i++) {
      assertThat(rig.disk.change(TYPES[i], new Range(5, most[i], 0))).isEqualTo(BlkDriver.S_OK);
      for (long length : new long[] {most[i] + 1L, 0xFFFF_FFFFL, 0x8000_0000L}) {
        assertThat(rig.disk.change(TYPES[i], new Range(5, length, 0))).isEqualTo(BlkDriver.S_IOERR);
      }
    }
    assertThat(diary.lines).containsExactly("discard 5+2097152", "zero 5+65536", "erase 5+65536");
  }

  @Must(61)
  @Test
  void m61_asManySegmentsAsAllowedAreDoneInTheirOrderAndOneMoreIsRefused() {
    Diary diary = new Diary(true);
    BlkRig rig = start(diary);
    Range[] ranges = new Range[17];
    for (int i = 0; i < 17; i++) {
      ranges[i] = new Range(1000L - 10 * i, i, 0);
    }
    assertThat(rig.disk.change(DISCARD, ranges)).isEqualTo(BlkDriver.S_IOERR);
    for (int type : new int[] {ZEROES, ERASE}) {
      assertThat(rig.disk.change(type, Arrays.copyOf(ranges, 2))).isEqualTo(BlkDriver.S_IOERR);
    }
    assertThat(diary.lines).isEmpty();
    assertThat(rig.disk.change(DISCARD, Arrays.copyOf(ranges, 16))).isEqualTo(BlkDriver.S_OK);
    assertThat(diary.lines).hasSize(16).startsWith("discard 1000+0", "discard 990+1");
    assertThat(diary.lines.getLast()).isEqualTo("discard 850+15");
  }

  @Must(61)
  @Test
  void m61_rangesMustLieInsideTheCapacityAllOrNoneIsDone() {
    Diary diary = new Diary(true);
    BlkRig rig = start(diary);
    long end = CAPACITY;
    for (int type : TYPES) {
      assertThat(rig.disk.change(type, new Range(end - 8, 8, 0))).isEqualTo(BlkDriver.S_OK);
      assertThat(rig.disk.change(type, new Range(end, 0, 0))).isEqualTo(BlkDriver.S_OK);
      diary.lines.clear();
      for (Range bad :
          List.of(
              new Range(end - 8, 9, 0),
              new Range(end, 1, 0),
              new Range(end + 1, 0, 0),
              new Range(Long.MAX_VALUE, 1, 0),
              new Range(Long.MIN_VALUE, 1, 0),
              new Range(-1, 1, 0),
              new Range(-1, 2, 0),
              new Range(1L << 55, 1, 0))) {
        assertThat(rig.disk.change(type, bad)).as("%s", bad).isEqualTo(BlkDriver.S_IOERR);
      }
    }
    Range good = new Range(0, 8, 0);
    assertThat(rig.disk.change(DISCARD, good, new Range(end, 1, 0))).isEqualTo(BlkDriver.S_IOERR);
    assertThat(diary.lines).isEmpty();
  }

  @Must(61)
  @ParameterizedTest
  @ValueSource(longs = {0, 1, 8, 15, 17, 24, 31})
  void m61_dataThatIsNoWholeNumberOfSegmentsIsAnsweredIoerr(long bytes) {
    Diary diary = new Diary(true);
    BlkRig rig = start(diary);
    for (int type : TYPES) {
      assertThat(rig.disk.transfer(type, 0, bytes, false)).isEqualTo(BlkDriver.S_IOERR);
    }
    assertThat(diary.lines).isEmpty();
  }

  @Must(61)
  @Test
  void m61_segmentsThatTheDeviceIsToWriteAreAnsweredIoerr() {
    Diary diary = new Diary(true);
    BlkRig rig = start(diary);
    for (int type : TYPES) {
      assertThat(rig.disk.transfer(type, 0, 16, true)).isEqualTo(BlkDriver.S_IOERR);
    }
    assertThat(diary.lines).isEmpty();
  }

  @Must({54, 55})
  @Test
  void m54_aReadOnlyDiskOffersNoneOfThemAndAnswersUnsupp() {
    BlkRig rig = new BlkRig(wiring, new MemoryBackend(BlkRig.SECTORS, true), options());
    assertThat(rig.driver.offered() & FEATURES).isZero();
    rig.start(rig.driver.offered(), 16);
    byte[] before = filled(rig);
    for (int type : TYPES) {
      assertThat(rig.disk.change(type, new Range(0, 8, 0))).isEqualTo(BlkDriver.S_UNSUPP);
    }
    assertThat(rig.backend.bytes()).isEqualTo(before);
  }

  @Must({7, Must.UNKNOWN_TYPE})
  @Test
  void whatWasNotNegotiatedIsAnsweredUnsuppAndTheOthersWork() {
    long[] features = {BlkRig.DISCARD, BlkRig.WRITE_ZEROES, BlkRig.SECURE_ERASE};
    for (int without = 0; without < 3; without++) {
      Diary diary = new Diary(true);
      BlkRig rig = new BlkRig(wiring, diary, options());
      rig.start(rig.driver.offered() & ~features[without], 16);
      for (int i = 0; i < 3; i++) {
        assertThat(rig.disk.change(TYPES[i], new Range(0, 8, 0)))
            .isEqualTo(i == without ? BlkDriver.S_UNSUPP : BlkDriver.S_OK);
      }
      assertThat(diary.lines).hasSize(2);
    }
  }

  @Must(5)
  @Test
  void secureEraseIsOfferedOnlyIfAskedForAndTheBackendCan() {
    assertThat(new BlkRig(wiring).driver.offered() & BlkRig.SECURE_ERASE).isZero();
    MemoryBackend cannot =
        new MemoryBackend(8) {
          @Override
          public boolean erasesSecurely() {
            return false;
          }

          @Override
          public boolean discards() {
            return false;
          }
        };
    BlkRig rig = new BlkRig(wiring, cannot, options());
    assertThat(rig.driver.offered() & FEATURES).isEqualTo(BlkRig.WRITE_ZEROES);
    for (int at : new int[] {36, 40, 44, 60, 64, 68}) {
      assertThat(rig.driver.readConfig(at, 4)).isZero();
    }
  }

  @Must(15)
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 7, 15, 16, 17, 31, 48, 64})
  void m15_headerAndSegmentsMayBeCutAnywhere(int piece) {
    Diary diary = new Diary(true);
    BlkRig rig = new BlkRig(wiring, diary, options());
    rig.start(rig.driver.offered() & ~BlkRig.SEG_MAX, 128);
    long at = rig.driver.allocate(65, 16);
    rig.disk.putHeader(at, DISCARD, 0);
    for (int i = 0; i < 3; i++) {
      rig.memory.putU64(at + 16 + 16 * i, 0x1_2345_6700L + i);
      rig.memory.putU32(at + 24 + 16 * i, 0x1234 + i);
      rig.memory.putU32(at + 28 + 16 * i, 0);
    }
    List<DriverBuffer> buffers = new ArrayList<>();
    for (int from = 0; from < 64; from += piece) {
      buffers.add(DriverBuffer.readable(at + from, Math.min(piece, 64 - from)));
    }
    buffers.add(DriverBuffer.writable(at + 64, 1));
    rig.queue.submit(rig.queue.chain(buffers));
    rig.disk.await();
    assertThat(rig.memory.u8(at + 64)).isEqualTo(BlkDriver.S_OK);
    long first = 0x1_2345_6700L;
    assertThat(diary.lines)
        .containsExactly(
            "discard " + first + "+4660",
            "discard " + (first + 1) + "+4661",
            "discard " + (first + 2) + "+4662");
  }

  @Test
  void aFailureOfTheBackendIsAnsweredIoerr() {
    BlkRig rig = start(new MemoryBackend(BlkRig.SECTORS));
    rig.backend.failWith(new IOException("host disk is full"));
    for (int type : TYPES) {
      assertThat(rig.disk.change(type, new Range(0, 8, 0))).isEqualTo(BlkDriver.S_IOERR);
    }
    assertThat(rig.block.counts().failed()).isEqualTo(3);
    assertThat(rig.needsReset()).isFalse();
  }
}
