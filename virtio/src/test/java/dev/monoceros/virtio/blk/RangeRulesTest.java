package dev.monoceros.virtio.blk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.DriverBuffer;
import dev.monoceros.virtio.testing.MemoryBackend;
import dev.monoceros.virtio.testing.Must;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Discard, write zeroes and secure erase (5.2.6.2). */
class RangeRulesTest {
  // VIRTIO_BLK_T_* of linux/virtio_blk.h
  private static final int T_DISCARD = 11;
  private static final int T_WRITE_ZEROES = 13;
  private static final int T_SECURE_ERASE = 14;
  private static final int UNMAP = 1;
  private static final long LENGTH = 512;

  private BlkRig rig;
  private long area;
  private byte[] before;

  /** One segment of a request. */
  private record Range(long sector, long sectors, int flags) {}

  @BeforeEach
  void start() {
    start(new BlkRig(BlkOptions.DEFAULT.withShownFeatures(BlkRig.SECURE_ERASE)));
  }

  private void start(BlkRig fresh) {
    rig = fresh.start(16);
    area = rig.driver.allocate(4096, 4096);
    before = BlkRig.pattern(rig.backend.bytes().length, 6);
    System.arraycopy(before, 0, rig.backend.bytes(), 0, before.length);
  }

  private int run(int type, Range... ranges) {
    rig.disk.putHeader(area, type, 0);
    long at = area + 16;
    for (Range range : ranges) {
      rig.memory.putU64(at, range.sector());
      rig.memory.putU32(at + 8, range.sectors());
      rig.memory.putU32(at + 12, range.flags());
      at += 16;
    }
    return run(at - area, 1);
  }

  private int run(long readable, long writable) {
    long status = area + 2048;
    rig.memory.putU8(status + writable - 1, BlkDriver.NO_STATUS);
    rig.ring.submit(
        rig.ring.chain(
            List.of(
                DriverBuffer.readable(area, readable), DriverBuffer.writable(status, writable))));
    rig.disk.await();
    rig.ring.takeUsed();
    return rig.memory.u8(status + writable - 1);
  }

  private void assertZeroed(long sector, long sectors) {
    byte[] expected = before.clone();
    Arrays.fill(expected, (int) (sector * LENGTH), (int) ((sector + sectors) * LENGTH), (byte) 0);
    assertThat(rig.backend.bytes()).isEqualTo(expected);
  }

  @Must(56)
  @ParameterizedTest
  @CsvSource({"0, 1, 0", "7, 9, 1", "255, 1, 0", "0, 256, 1", "256, 0, 0"})
  void m56_afterWriteZeroesTheseSectorsReadZeroAndNoOthers(long sector, long sectors, int flags) {
    assertThat(run(T_WRITE_ZEROES, new Range(sector, sectors, flags))).isEqualTo(BlkDriver.S_OK);
    assertZeroed(sector, sectors);
    if (sectors > 0) {
      assertThat(rig.disk.read(sector, 1)).containsOnly(0);
    }
  }

  @Must(56)
  @Test
  void m56_aFailureOfTheBackendIsNotAnsweredOk() {
    rig.backend.failWith(new IOException("no space on the host"));
    assertThat(run(T_WRITE_ZEROES, new Range(0, 1, 0))).isEqualTo(BlkDriver.S_IOERR);
  }

  @Must(55)
  @ParameterizedTest
  @CsvSource({
    "11, 1",
    "11, 2",
    "11, -2147483648",
    "13, 2",
    "13, 3",
    "13, -2147483648",
    "14, 1",
    "14, 2"
  })
  void m55_anUnknownFlagIsAnsweredUnsuppAndNothingIsDone(int type, int flags) {
    assertThat(run(type, new Range(3, 1, flags))).isEqualTo(BlkDriver.S_UNSUPP);
    assertZeroed(0, 0);
    if (type == T_DISCARD) {
      assertThat(run(type, new Range(3, 1, 0), new Range(5, 1, flags)))
          .isEqualTo(BlkDriver.S_UNSUPP);
      assertZeroed(0, 0);
    }
    assertThat(run(type, new Range(3, 1, type == T_WRITE_ZEROES ? UNMAP : 0)))
        .isEqualTo(BlkDriver.S_OK);
    assertZeroed(3, 1);
  }

  @Must(57)
  @Test
  void m57_writeZeroesMayUnmapSaysWhatTheBackendDoesAndTheFlagIsHandedOn() {
    boolean[] mayUnmap = new boolean[1];
    for (boolean unmaps : new boolean[] {true, false}) {
      start(
          new BlkRig(
              new MemoryBackend(BlkRig.SECTORS) {
                @Override
                public boolean unmapsZeroes() {
                  return unmaps;
                }

                @Override
                public void writeZeroes(long offset, long length, boolean unmap) {
                  mayUnmap[0] = unmap;
                }
              }));
      assertThat(rig.driver.readConfig(56, 1)).isEqualTo(unmaps ? 1 : 0);
      run(T_WRITE_ZEROES, new Range(0, 1, UNMAP));
      assertThat(mayUnmap[0]).isTrue();
      run(T_WRITE_ZEROES, new Range(0, 1, 0));
      assertThat(mayUnmap[0]).as("only with the flag").isFalse();
    }
  }

  @Must(61)
  @ParameterizedTest
  @CsvSource({"256, 1", "255, 2", "-1, 1", "-1, 2", "-9223372036854775808, 1", "257, 0"})
  void m61_rangesOutsideTheCapacityAreAnsweredIoerr(long sector, long sectors) {
    for (int type : new int[] {T_DISCARD, T_WRITE_ZEROES, T_SECURE_ERASE}) {
      assertThat(run(type, new Range(sector, sectors, 0))).isEqualTo(BlkDriver.S_IOERR);
    }
    assertThat(run(T_DISCARD, new Range(0, 1, 0), new Range(sector, sectors, 0)))
        .isEqualTo(BlkDriver.S_IOERR);
    assertZeroed(0, 0);
  }

  @Must(61)
  @ParameterizedTest
  @ValueSource(longs = {16, 17, 31, 33, 40})
  void m61_dataThatIsNoWholeNumberOfRangesIsAnsweredIoerr(long readable) {
    run(T_DISCARD, new Range(0, 0, 0), new Range(0, 0, 0));
    assertThat(run(readable, 1)).isEqualTo(BlkDriver.S_IOERR);
    assertThat(run(32, 2)).as("data for the device to write").isEqualTo(BlkDriver.S_IOERR);
  }

  @Must(61)
  @Test
  void m61_rangesLongerThanTheConfigurationSaysAreAnsweredIoerr() {
    start(
        new BlkRig(
            new MemoryBackend(1) {
              @Override
              public long capacitySectors() {
                return 1L << 40;
              }

              @Override
              public void writeZeroes(long offset, long length, boolean mayUnmap) {}

              @Override
              public void discard(long offset, long length) {}
            },
            BlkOptions.DEFAULT,
            LatencyModel.DEFAULT,
            0));
    long mostDiscard = rig.driver.readConfig(36, 4);
    long mostZeroes = rig.driver.readConfig(48, 4);
    assertThat(run(T_DISCARD, new Range(0, mostDiscard, 0))).isEqualTo(BlkDriver.S_OK);
    assertThat(run(T_DISCARD, new Range(0, mostDiscard + 1, 0))).isEqualTo(BlkDriver.S_IOERR);
    assertThat(run(T_WRITE_ZEROES, new Range(0, mostZeroes, 0))).isEqualTo(BlkDriver.S_OK);
    assertThat(run(T_WRITE_ZEROES, new Range(0, mostZeroes + 1, 0))).isEqualTo(BlkDriver.S_IOERR);
  }

  @Must(61)
  @Test
  void m61_moreRangesThanTheConfigurationSaysAreAnsweredIoerr() {
    Range[] most = new Range[(int) rig.driver.readConfig(40, 4)];
    Arrays.fill(most, new Range(9, 1, 0));
    assertThat(run(T_DISCARD, most)).isEqualTo(BlkDriver.S_OK);
    Range[] more = Arrays.copyOf(most, most.length + 1);
    more[most.length] = new Range(9, 1, 0);
    assertThat(run(T_DISCARD, more)).isEqualTo(BlkDriver.S_IOERR);
    assertThat(rig.driver.readConfig(52, 4)).isEqualTo(1);
    assertThat(run(T_WRITE_ZEROES, new Range(1, 1, 0), new Range(2, 1, 0)))
        .isEqualTo(BlkDriver.S_IOERR);
    assertThat(rig.driver.readConfig(64, 4)).isEqualTo(1);
    assertThat(run(T_SECURE_ERASE, new Range(1, 1, 0), new Range(2, 1, 0)))
        .isEqualTo(BlkDriver.S_IOERR);
    assertZeroed(9, 1);
  }

  @Must({7, Must.UNKNOWN_TYPE})
  @ParameterizedTest
  @CsvSource({"11, 8192", "13, 16384", "14, 65536"})
  void m07_whatWasNotNegotiatedIsAnsweredUnsupp(int type, long feature) {
    rig.start(rig.driver.offered() & ~feature, 16);
    area = rig.driver.allocate(4096, 4096);
    assertThat(run(type, new Range(0, 1, 0))).isEqualTo(BlkDriver.S_UNSUPP);
    assertZeroed(0, 0);
  }

  @Must(7)
  @Test
  void m07_onlyWhatTheBackendCanIsOffered() {
    BlkRig cannot =
        new BlkRig(
            new MemoryBackend(BlkRig.SECTORS) {
              @Override
              public boolean discards() {
                return false;
              }

              @Override
              public boolean erasesSecurely() {
                return false;
              }
            },
            BlkOptions.DEFAULT.withShownFeatures(BlkRig.SECURE_ERASE),
            LatencyModel.DEFAULT,
            0);
    assertThat(cannot.driver.offered() & (BlkRig.DISCARD | BlkRig.SECURE_ERASE)).isZero();
    assertThat(rig.driver.offered() & BlkRig.SECURE_ERASE).isNotZero();
  }

  @Must(7)
  @Test
  void m07_showingAFeatureThatDoesNotExistOffersNothing() {
    BlkRig asked = new BlkRig(BlkOptions.DEFAULT.withShownFeatures(1L << 15 | 1L << 37 | 1L << 50));
    assertThat(asked.driver.offered()).isEqualTo(new BlkRig().driver.offered());
  }

  @Must(54)
  @Test
  void m54_aReadOnlyDiskIsNotChangedByThem() {
    start(new BlkRig(new MemoryBackend(BlkRig.SECTORS, true)));
    for (int type : new int[] {T_DISCARD, T_WRITE_ZEROES, T_SECURE_ERASE}) {
      assertThat(run(type, new Range(0, 1, 0))).isIn(BlkDriver.S_IOERR, BlkDriver.S_UNSUPP);
    }
    assertZeroed(0, 0);
  }
}
