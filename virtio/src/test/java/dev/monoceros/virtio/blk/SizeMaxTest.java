package dev.monoceros.virtio.blk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.DriverBuffer;
import dev.monoceros.virtio.testing.Must;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The limit of segments (5.2.6.1): of the part of a buffer that is data, and only if negotiated.
 */
class SizeMaxTest {
  private static final int SIZE_MAX = 4096;

  private final BlkRig rig = new BlkRig(BlkOptions.DEFAULT.withSizeMax(SIZE_MAX));
  private long area;

  private int run(List<DriverBuffer> buffers, long status) {
    rig.memory.putU8(status, BlkDriver.NO_STATUS);
    rig.ring.submit(rig.ring.chain(buffers));
    rig.disk.await();
    rig.ring.takeUsed();
    return rig.memory.u8(status);
  }

  private int read(int first, int second) {
    rig.disk.putHeader(area, BlkDriver.T_IN, 0);
    long status = area + 16384 + second;
    return run(
        List.of(
            DriverBuffer.readable(area, 16),
            DriverBuffer.writable(area + 4096, first),
            DriverBuffer.writable(area + 16384, second + 1)),
        status);
  }

  private int write(int first, int second) {
    rig.disk.putHeader(area + 8192 - 16, BlkDriver.T_OUT, 0);
    long status = area + 4000;
    return run(
        List.of(
            DriverBuffer.readable(area + 8192 - 16, first + 16),
            DriverBuffer.readable(area + 16384, second),
            DriverBuffer.writable(status, 1)),
        status);
  }

  @Must(61)
  @ParameterizedTest
  @CsvSource({"4096, 4096, 0", "512, 512, 0", "4608, 512, 1", "512, 4608, 1", "4097, 4095, 1"})
  void m61_aSegmentLongerThanSizeMaxIsAnsweredIoerrOnlyIfItWasNegotiated(
      int first, int second, int status) {
    rig.start(16);
    area = rig.driver.allocate(32768, 4096);
    assertThat(rig.driver.readConfig(8, 4)).isEqualTo(SIZE_MAX);
    assertThat(read(first, second)).isEqualTo(status);
    assertThat(write(first, second)).isEqualTo(status);

    rig.start(rig.driver.offered() & ~BlkRig.SIZE_MAX, 16);
    area = rig.driver.allocate(32768, 4096);
    assertThat(read(first, second)).isEqualTo(BlkDriver.S_OK);
    assertThat(write(first, second)).isEqualTo(BlkDriver.S_OK);
  }
}
