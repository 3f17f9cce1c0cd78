package dev.monoceros.virtio.blk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.Wiring;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.DriverBuffer;
import dev.monoceros.virtio.testing.Must;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Well-formed chains that ask for what a driver must not ask: IOERR, and nothing is touched. */
@ParameterizedClass
@EnumSource(Wiring.class)
class DriverDutiesTest {
  private BlkRig rig;
  private byte[] disk;
  private long area;

  private final Wiring wiring;

  DriverDutiesTest(Wiring wiring) {
    this.wiring = wiring;
  }

  @BeforeEach
  void start() {
    rig = BlkRig.started(wiring);
    disk = rig.backend.bytes().clone();
    area = rig.driver.allocate(8192, 4096);
    rig.memory.write(rig.disk.dataAddress(), BlkRig.pattern(BlkRig.DATA_BYTES, 8), 0, 4096);
  }

  @AfterEach
  void theDiskIsUntouchedAndTheDeviceWorksOn() {
    assertThat(rig.backend.bytes()).isEqualTo(disk);
    assertThat(rig.disk.transfer(BlkDriver.T_IN, 0, 512, true)).isEqualTo(BlkDriver.S_OK);
  }

  @Must(61)
  @ParameterizedTest
  @ValueSource(longs = {1, 511, 513, 1000, 4095})
  void m61_dataThatIsNoWholeNumberOfSectorsIsAnsweredIoerr(long bytes) {
    assertThat(rig.disk.transfer(BlkDriver.T_IN, 0, bytes, true)).isEqualTo(BlkDriver.S_IOERR);
    assertThat(rig.disk.transfer(BlkDriver.T_OUT, 0, bytes, false)).isEqualTo(BlkDriver.S_IOERR);
  }

  @Must(61)
  @ParameterizedTest
  @CsvSource({
    "256, 1",
    "255, 2",
    "257, 1",
    "0x7FFFFFFFFFFFFFFF, 1",
    "0x8000000000000000, 1",
    "0xFFFFFFFFFFFFFFFF, 1",
    "0xFFFFFFFFFFFFFFFF, 2",
    "0x0080000000000000, 1"
  })
  void m61_sectorsOutsideTheCapacityAreAnsweredIoerr(String sector, int sectors) {
    long first =
        Long.parseUnsignedLong(sector.replace("0x", ""), sector.startsWith("0x") ? 16 : 10);
    long bytes = sectors * 512L;
    assertThat(rig.disk.transfer(BlkDriver.T_IN, first, bytes, true)).isEqualTo(BlkDriver.S_IOERR);
    assertThat(rig.disk.transfer(BlkDriver.T_OUT, first, bytes, false))
        .isEqualTo(BlkDriver.S_IOERR);
  }

  @Must(61)
  @ParameterizedTest
  @ValueSource(longs = {1, 19, 21, 512})
  void m61_anIdBufferThatIsNot20BytesIsAnsweredIoerr(long bytes) {
    assertThat(rig.disk.transfer(BlkDriver.T_GET_ID, 0, bytes, true)).isEqualTo(BlkDriver.S_IOERR);
  }

  @Must(61)
  @Test
  void m61_dataInTheWrongDirectionIsAnsweredIoerr() {
    assertThat(rig.disk.transfer(BlkDriver.T_IN, 0, 512, false)).isEqualTo(BlkDriver.S_IOERR);
    assertThat(rig.disk.transfer(BlkDriver.T_OUT, 0, 512, true)).isEqualTo(BlkDriver.S_IOERR);
    assertThat(rig.block.counts().refused()).isEqualTo(2);
  }

  @Must(61)
  @ParameterizedTest
  @ValueSource(longs = {1, 8, 15})
  void m61_aShortHeaderIsAnsweredIoerr(long bytes) {
    rig.memory.putU8(area + 64, BlkDriver.NO_STATUS);
    int head =
        rig.queue.chain(
            List.of(DriverBuffer.readable(area, bytes), DriverBuffer.writable(area + 64, 1)));
    rig.queue.submit(head);
    rig.disk.await();
    assertThat(rig.queue.takeUsed()).isEqualTo(head);
    assertThat(rig.memory.u8(area + 64)).isEqualTo(BlkDriver.S_IOERR);
  }

  @Must(61)
  @Test
  void m61_aRequestWithoutAStatusByteComesBack() {
    rig.disk.putHeader(area, BlkDriver.T_FLUSH, 0);
    int head = rig.queue.chain(List.of(DriverBuffer.readable(area, 16)));
    rig.queue.submit(head);
    rig.disk.await();
    assertThat(rig.queue.takeUsed()).isEqualTo(head);
    assertThat(rig.queue.usedLength()).isZero();
    assertThat(rig.backend.flushes()).isZero();
  }

  @Must(61)
  @Test
  void m61_moreSegmentsThanSegMaxAreAnsweredIoerrOnlyIfItWasNegotiated() {
    for (boolean negotiated : new boolean[] {true, false}) {
      BlkRig small = new BlkRig(wiring, BlkOptions.DEFAULT.withQueueSize(8));
      assertThat(small.driver.readConfig(12, 4)).as("seg_max").isEqualTo(6);
      small.start(small.driver.offered() & ~(negotiated ? 0 : BlkRig.SEG_MAX), 8);
      long at = small.driver.allocate(8192, 4096);
      small.disk.putHeader(at, BlkDriver.T_IN, 0);
      // The status shares a descriptor with data: 7 segments still fit a chain of 8.
      List<DriverBuffer> buffers = new ArrayList<>();
      buffers.add(DriverBuffer.readable(at, 16));
      for (int i = 0; i < 6; i++) {
        buffers.add(DriverBuffer.writable(at + 1024 + 64L * i, 64));
      }
      buffers.add(DriverBuffer.writable(at + 4096, 128 + 1));
      int head = small.queue.indirectChain(buffers);
      small.queue.submit(head);
      small.disk.await();
      assertThat(small.memory.u8(at + 4096 + 128))
          .isEqualTo(negotiated ? BlkDriver.S_IOERR : BlkDriver.S_OK);
    }
  }

  @Test
  void anEmptyReadAtTheEndOfTheDiskIsFine() {
    assertThat(rig.disk.transfer(BlkDriver.T_IN, BlkRig.SECTORS, 0, true))
        .isEqualTo(BlkDriver.S_OK);
    assertThat(rig.disk.transfer(BlkDriver.T_IN, BlkRig.SECTORS + 1, 0, true))
        .isEqualTo(BlkDriver.S_IOERR);
  }
}
