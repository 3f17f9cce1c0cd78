package dev.monoceros.virtio.blk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.Wiring;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.DriverBuffer;
import dev.monoceros.virtio.testing.Must;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** SIZE_MAX and SEG_MAX: how long a segment may be and how many there may be (5.2.4, 5.2.6.1). */
@ParameterizedClass
@EnumSource(Wiring.class)
class SegmentLimitsTest {
  private static final int SIZE_MAX = 8;
  private static final int SEG_MAX = 12;
  private static final int LIMIT = 4096;

  private final Wiring wiring;
  private BlkRig rig;
  private long area;

  SegmentLimitsTest(Wiring wiring) {
    this.wiring = wiring;
  }

  private void start(BlkOptions options, long without) {
    rig = new BlkRig(wiring, options);
    rig.start(rig.driver.offered() & ~without, 16);
    area = rig.driver.allocate(65_536, 4096);
  }

  private void startLimited(long without) {
    start(BlkOptions.DEFAULT.withSizeMax(LIMIT), without);
  }

  /** A read, or a write, whose data and status or header and data are cut as given. */
  private int transfer(boolean write, long... pieces) {
    rig.disk.putHeader(area, write ? BlkDriver.T_OUT : BlkDriver.T_IN, 0);
    long status = area + 65_535;
    List<DriverBuffer> buffers = new ArrayList<>();
    long at = area;
    if (!write) {
      buffers.add(DriverBuffer.readable(at, 16));
      at += 16;
    }
    for (long piece : pieces) {
      buffers.add(new DriverBuffer(at, piece, !write));
      at += write ? piece : piece + 8;
    }
    DriverBuffer last = buffers.getLast();
    if (write) {
      buffers.add(DriverBuffer.writable(status, 1));
    } else {
      status = last.address() + last.length() - 1;
    }
    rig.memory.putU8(status, BlkDriver.NO_STATUS);
    rig.queue.submit(rig.queue.indirectChain(buffers));
    rig.disk.await();
    rig.queue.takeUsed();
    return rig.memory.u8(status);
  }

  @Must(12)
  @Test
  void m12_sizeMaxIsOfferedOnlyIfSetAndThenTold() {
    start(BlkOptions.DEFAULT, 0);
    assertThat(rig.driver.offered() & BlkRig.SIZE_MAX).isZero();
    assertThat(rig.driver.readConfig(SIZE_MAX, 4)).isZero();
    startLimited(0);
    assertThat(rig.driver.offered() & BlkRig.SIZE_MAX).isNotZero();
    assertThat(rig.driver.readConfig(SIZE_MAX, 4)).isEqualTo(LIMIT);
    start(BlkOptions.DEFAULT.withSizeMax(Integer.MAX_VALUE), 0);
    assertThat(rig.driver.readConfig(SIZE_MAX, 4)).isEqualTo(Integer.MAX_VALUE);
  }

  @Must(61)
  @Test
  void m61_aSegmentLongerThanSizeMaxIsAnsweredIoerrOnlyIfItWasNegotiated() {
    startLimited(0);
    // The status byte shares the last descriptor of a read, the header the first of a write.
    assertThat(transfer(false, LIMIT + 1)).isEqualTo(BlkDriver.S_OK);
    assertThat(transfer(false, LIMIT, LIMIT, 513)).isEqualTo(BlkDriver.S_OK);
    assertThat(transfer(true, LIMIT + 16)).isEqualTo(BlkDriver.S_OK);
    assertThat(transfer(true, 16, LIMIT, LIMIT)).isEqualTo(BlkDriver.S_OK);
    long refused = rig.block.counts().refused();
    assertThat(transfer(false, LIMIT + 512 + 1)).isEqualTo(BlkDriver.S_IOERR);
    assertThat(transfer(false, LIMIT + 1, 511, 1)).isEqualTo(BlkDriver.S_IOERR);
    assertThat(transfer(false, 511, LIMIT + 1, 1)).isEqualTo(BlkDriver.S_IOERR);
    assertThat(transfer(true, LIMIT + 512 + 16)).isEqualTo(BlkDriver.S_IOERR);
    assertThat(transfer(true, 16, 511, LIMIT + 1)).isEqualTo(BlkDriver.S_IOERR);
    assertThat(rig.block.counts().refused()).isEqualTo(refused + 5);
    startLimited(BlkRig.SIZE_MAX);
    assertThat(transfer(false, LIMIT + 512 + 1)).isEqualTo(BlkDriver.S_OK);
    assertThat(transfer(true, LIMIT + 512 + 16)).isEqualTo(BlkDriver.S_OK);
  }

  @Must({12, 61})
  @ParameterizedTest
  @CsvSource({"4, 2", "8, 6", "64, 62", "256, 254", "1024, 1022"})
  void m61_asManySegmentsAsSegMaxSaysWorkAndOneMoreIsRefused(int queueSize, int most) {
    rig = new BlkRig(wiring, BlkOptions.DEFAULT.withQueueSize(queueSize));
    assertThat(rig.driver.readConfig(SEG_MAX, 4)).isEqualTo(most);
    for (long without : new long[] {0, BlkRig.SEG_MAX}) {
      rig.start(rig.driver.offered() & ~without, 4);
      area = rig.driver.allocate(65_536, 4096);
      assertThat(transfer(false, segments(most))).isEqualTo(BlkDriver.S_OK);
      // Header, segments and status still make a chain as long as the queue.
      assertThat(transfer(false, segments(most + 1)))
          .isEqualTo(without == 0 ? BlkDriver.S_IOERR : BlkDriver.S_OK);
    }
  }

  /** Cuts some sectors and a status byte into so many pieces. */
  private static long[] segments(int count) {
    long[] pieces = new long[count];
    long bytes = (count / 512 + 1) * 512;
    for (int i = 0; i < count; i++) {
      pieces[i] = i < count - 1 ? 1 : bytes - (count - 1) + 1;
    }
    return pieces;
  }

  @Test
  void sizeMaxOutOfRangeIsRefused() {
    for (int bad : new int[] {-1, 1, 4095, Integer.MIN_VALUE}) {
      assertThatThrownBy(() -> BlkOptions.DEFAULT.withSizeMax(bad))
          .hasMessage("a disk's size-max is at least 4096");
    }
  }
}
