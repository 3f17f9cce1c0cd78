package dev.monoceros.virtio.blk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.Wiring;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.BlkDriver.Range;
import dev.monoceros.virtio.testing.FakeDriver;
import dev.monoceros.virtio.testing.Must;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** FLUSH, CONFIG_WCE and the cache modes: when a write is stable (5.2.5.2, 5.2.6.2). */
@ParameterizedClass
@EnumSource(Wiring.class)
class WriteCacheTest {
  private static final int WRITEBACK = 32;
  private static final byte[] SECTOR = BlkRig.pattern(512, 1);

  private final Wiring wiring;

  WriteCacheTest(Wiring wiring) {
    this.wiring = wiring;
  }

  private BlkRig rig(CacheMode cache) {
    return new BlkRig(wiring, BlkOptions.DEFAULT.withCache(cache));
  }

  private static BlkRig start(BlkRig rig, long without) {
    return rig.start(rig.driver.offered() & ~without, 16);
  }

  private static long writeback(BlkRig rig) {
    return rig.driver.readConfig(WRITEBACK, 1);
  }

  /** Whether a write is on stable storage when it completes. */
  private static boolean isStable(BlkRig rig) {
    rig.disk.write(0, SECTOR);
    return rig.backend.unflushed() == 0;
  }

  @Must({5, 51})
  @Test
  void m51_flushIsOfferedAndConfigWceNeverWithoutIt() {
    for (CacheMode cache : CacheMode.values()) {
      BlkRig rig = rig(cache);
      assertThat(rig.driver.offered() & BlkRig.FLUSH).isNotZero();
      assertThat(rig.driver.offered() & BlkRig.CONFIG_WCE).isNotZero();
    }
    BlkRig without = new BlkRig(wiring, BlkOptions.DEFAULT.withHiddenFeatures(BlkRig.FLUSH));
    assertThat(without.driver.offered() & (BlkRig.FLUSH | BlkRig.CONFIG_WCE)).isZero();
    assertThat(writeback(without)).isZero();
  }

  @Must(52)
  @Test
  void m52_configWceWithoutFlushStartsWithWriteback0() {
    for (CacheMode cache : CacheMode.values()) {
      BlkRig rig = rig(cache);
      start(rig, BlkRig.FLUSH);
      assertThat(writeback(rig)).isZero();
      if (cache != CacheMode.UNSAFE) {
        assertThat(isStable(rig)).isTrue();
      }
    }
  }

  @Must(52)
  @Test
  void m52_thePaddingAroundWritebackAndMayUnmapStaysZero() {
    BlkRig rig = start(rig(CacheMode.WRITEBACK), 0);
    for (int at : new int[] {33, 57, 58, 59}) {
      rig.driver.writeConfig(at, 1, 0xFF);
      assertThat(rig.driver.readConfig(at, 1)).isZero();
    }
    rig.driver.writeConfig(WRITEBACK, 4, 0xFFFF_FF01L);
    assertThat(rig.driver.readConfig(WRITEBACK, 2)).isEqualTo(1);
  }

  @Must({13, 52})
  @Test
  void m13_theGenerationChangesWhenTheNegotiationChangesWriteback() {
    BlkRig rig = rig(CacheMode.WRITEBACK);
    assertThat(writeback(rig)).isEqualTo(1);
    long generation = rig.driver.readCommon(FakeDriver.CONFIG_GENERATION, 1);
    rig.driver.negotiate(rig.driver.offered() & ~BlkRig.FLUSH);
    assertThat(writeback(rig)).isZero();
    assertThat(rig.driver.readCommon(FakeDriver.CONFIG_GENERATION, 1)).isNotEqualTo(generation);
    long negotiated = rig.driver.readCommon(FakeDriver.CONFIG_GENERATION, 1);
    rig.driver.reset();
    assertThat(writeback(rig)).isEqualTo(1);
    assertThat(rig.driver.readCommon(FakeDriver.CONFIG_GENERATION, 1)).isNotEqualTo(negotiated);
    assertThat(rig.interrupt.isAsserted()).isFalse();
  }

  @Must(58)
  @Test
  void m58_withBothFlushAndWceRefusedEveryWriteIsStableBeforeItCompletes() {
    BlkRig rig = start(rig(CacheMode.WRITEBACK), BlkRig.FLUSH | BlkRig.CONFIG_WCE);
    assertThat(isStable(rig)).isTrue();
    assertThat(rig.disk.change(BlkDriver.T_WRITE_ZEROES, new Range(0, 1, 0))).isZero();
    assertThat(rig.backend.unflushed()).isZero();
    rig.driver.writeConfig(WRITEBACK, 1, 1);
    assertThat(isStable(rig)).as("writeback is not the driver's to write").isTrue();
  }

  @Must(58)
  @Test
  void m58_withWriteback0EveryWriteIsStableBeforeItCompletesAndWith1ItNeedsAFlush() {
    BlkRig rig = start(rig(CacheMode.WRITEBACK), 0);
    assertThat(writeback(rig)).isEqualTo(1);
    for (int i = 0; i < 3; i++) {
      assertThat(isStable(rig)).isFalse();
      rig.disk.flush();
      assertThat(rig.backend.unflushed()).as("a later flush has completed").isZero();
      rig.driver.writeConfig(WRITEBACK, 1, 0);
      assertThat(writeback(rig)).isZero();
      assertThat(isStable(rig)).isTrue();
      rig.disk.change(BlkDriver.T_WRITE_ZEROES, new Range(0, 1, 0));
      assertThat(rig.backend.unflushed()).isZero();
      rig.driver.writeConfig(WRITEBACK, 1, 1);
      assertThat(writeback(rig)).isEqualTo(1);
    }
  }

  @Must(58)
  @Test
  void m58_aFlushCoversWritesOfAllQueuesThatCompletedBeforeIt() {
    BlkRig rig = new BlkRig(wiring, BlkOptions.DEFAULT.withQueues(3));
    rig.startQueues(rig.driver.offered(), 3, 16);
    for (int i = 0; i < 3; i++) {
      rig.diskOn(i, 512).write(i, SECTOR);
    }
    assertThat(rig.backend.unflushed()).isEqualTo(3);
    rig.diskOn(1, 512).flush();
    assertThat(rig.backend.unflushed()).isZero();
  }

  @Must(58)
  @ParameterizedTest
  @CsvSource({"WRITEBACK, 1, false", "WRITETHROUGH, 0, true"})
  void m58_theCacheModeIsWhatWritebackSaysUntilTheDriverWritesIt(
      CacheMode cache, int first, boolean stable) {
    BlkRig rig = start(rig(cache), 0);
    assertThat(writeback(rig)).isEqualTo(first);
    assertThat(isStable(rig)).isEqualTo(stable);
    rig.driver.writeConfig(WRITEBACK, 1, 1 - first);
    assertThat(isStable(rig)).isEqualTo(!stable);

    start(rig, 0);
    assertThat(writeback(rig)).as("a reset restores it").isEqualTo(first);
    rig.disk.flush();
    assertThat(isStable(rig)).isEqualTo(stable);

    start(rig, BlkRig.CONFIG_WCE);
    rig.disk.flush();
    assertThat(isStable(rig)).as("a driver that cannot choose").isEqualTo(stable);
  }

  @Test
  void anUnsafeCacheAnswersFlushesAndDoesNothing() {
    for (long without : new long[] {0, BlkRig.CONFIG_WCE, BlkRig.FLUSH | BlkRig.CONFIG_WCE}) {
      BlkRig rig = start(rig(CacheMode.UNSAFE), without);
      rig.backend.failWith(null);
      rig.disk.write(0, SECTOR);
      rig.disk.flush();
      assertThat(rig.backend.flushes()).isZero();
      assertThat(rig.backend.unflushed()).isEqualTo(1);
    }
  }

  @Must(7)
  @Test
  void writebackCannotBeWrittenBeforeFeaturesOkNorWithoutConfigWce() {
    BlkRig rig = rig(CacheMode.WRITEBACK);
    rig.driver.reset();
    rig.driver.writeConfig(WRITEBACK, 1, 0);
    assertThat(writeback(rig)).isEqualTo(1);
    start(rig, BlkRig.CONFIG_WCE);
    rig.driver.writeConfig(WRITEBACK, 1, 0);
    assertThat(writeback(rig)).isEqualTo(1);
    assertThat(isStable(rig)).isFalse();
  }

  @Must(58)
  @Test
  void m58_aZeroingWhoseWriteThroughFailsIsNotReportedAsDone() {
    BlkRig rig = start(rig(CacheMode.WRITETHROUGH), 0);
    rig.backend.failWith(new IOException("no space on the host"));
    assertThat(rig.disk.change(BlkDriver.T_WRITE_ZEROES, new Range(0, 1, 0)))
        .isEqualTo(BlkDriver.S_IOERR);
  }
}
