package dev.monoceros.virtio.blk;

import static dev.monoceros.virtio.BlkRig.pattern;
import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.Wiring;
import dev.monoceros.virtio.memory.GuestBuffers;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.DriverBuffer;
import dev.monoceros.virtio.testing.MemoryBackend;
import dev.monoceros.virtio.testing.Must;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Header, data and status wherever the driver put them. */
@ParameterizedClass
@EnumSource(Wiring.class)
class RequestLayoutTest {
  private static final int DATA = 1024;

  private BlkRig rig;
  private long area;

  private final Wiring wiring;

  RequestLayoutTest(Wiring wiring) {
    this.wiring = wiring;
  }

  @BeforeEach
  void start() {
    rig = BlkRig.started(wiring);
    byte[] contents = pattern(rig.backend.bytes().length, 9);
    System.arraycopy(contents, 0, rig.backend.bytes(), 0, contents.length);
    area = rig.driver.allocate(8192, 4096);
  }

  /** The byte range [from, to) of one direction of a request, cut every {@code piece} bytes. */
  private static List<DriverBuffer> cut(long address, int bytes, int piece, boolean writable) {
    List<DriverBuffer> buffers = new ArrayList<>();
    for (int at = 0; at < bytes; at += piece) {
      buffers.add(new DriverBuffer(address + at, Math.min(piece, bytes - at), writable));
    }
    return buffers;
  }

  private void run(int head) {
    rig.queue.submit(head);
    rig.disk.await();
    assertThat(rig.queue.takeUsed()).isEqualTo(head);
  }

  private static List<DriverBuffer> join(List<DriverBuffer> first, List<DriverBuffer> second) {
    List<DriverBuffer> all = new ArrayList<>(first);
    all.addAll(second);
    return all;
  }

  @Must({15, 21})
  @ParameterizedTest
  @CsvSource({"16,1025", "16,1024", "4,205", "3,512", "1,1025", "7,1000", "5,93"})
  void m15_aReadWorksHoweverHeaderDataAndStatusAreCut(int headerPiece, int dataPiece) {
    rig.start(rig.driver.offered(), 64);
    long response = area + 4096;
    rig.disk.putHeader(area, BlkDriver.T_IN, 5);
    List<DriverBuffer> chain =
        join(cut(area, 16, headerPiece, false), cut(response, DATA + 1, dataPiece, true));
    rig.memory.putU8(response + DATA, BlkDriver.NO_STATUS);
    run(rig.queue.chain(chain));

    byte[] data = new byte[DATA];
    rig.memory.read(response, data, 0, DATA);
    assertThat(rig.memory.u8(response + DATA)).isEqualTo(BlkDriver.S_OK);
    assertThat(data).isEqualTo(Arrays.copyOfRange(rig.backend.bytes(), 5 * 512, 5 * 512 + DATA));
    assertThat(rig.queue.usedLength()).isEqualTo(DATA + 1);
  }

  @Must({15, 16})
  @ParameterizedTest
  @CsvSource({"1040", "16", "17", "15", "1", "528"})
  void m15_aWriteWorksHoweverHeaderAndDataAreCut(int piece) {
    rig.start(rig.driver.offered() & ~BlkRig.SEG_MAX, 256);
    long status = area + 4096;
    byte[] data = pattern(DATA, 4);
    int bytes = piece == 1 ? 512 : DATA;
    if (piece == 1) {
      // One byte a descriptor: a request as long as the queue allows, 16 + 239 pieces and a status.
      rig.disk.putHeader(area, BlkDriver.T_OUT, 6);
      rig.memory.write(area + 16, data, 0, bytes);
      List<DriverBuffer> chain = cut(area, 16, 1, false);
      chain.addAll(cut(area + 16, 238, 1, false));
      chain.add(DriverBuffer.readable(area + 16 + 238, bytes - 238));
      chain.add(DriverBuffer.writable(status, 1));
      run(rig.queue.chain(chain));
    } else {
      rig.disk.putHeader(area, BlkDriver.T_OUT, 6);
      rig.memory.write(area + 16, data, 0, bytes);
      byte[] before = rig.memory.snapshot();
      run(
          rig.queue.chain(
              join(
                  cut(area, 16 + bytes, piece, false), List.of(DriverBuffer.writable(status, 1)))));
      byte[] after = rig.memory.snapshot();
      int from = (int) (area - BlkRig.MEMORY_BASE);
      assertThat(Arrays.copyOfRange(after, from, from + 16 + bytes))
          .as("the device writes no readable buffer (16)")
          .isEqualTo(Arrays.copyOfRange(before, from, from + 16 + bytes));
    }
    assertThat(rig.memory.u8(status)).isEqualTo(BlkDriver.S_OK);
    assertThat(Arrays.copyOfRange(rig.backend.bytes(), 6 * 512, 6 * 512 + bytes))
        .isEqualTo(Arrays.copyOf(data, bytes));
  }

  @Must(15)
  @Test
  void m15_theBackendSeesBuffersThatTouchAsOneRange() {
    int[] ranges = new int[1];
    BlkRig merged =
        new BlkRig(
                wiring,
                new MemoryBackend(BlkRig.SECTORS) {
                  @Override
                  public void read(long offset, GuestBuffers target) throws IOException {
                    ranges[0] = target.count();
                    super.read(offset, target);
                  }
                },
                BlkOptions.DEFAULT)
            .start(16);
    long at = merged.driver.allocate(8192, 4096);
    merged.disk.putHeader(at, BlkDriver.T_IN, 0);
    merged.queue.submit(
        merged.queue.chain(
            List.of(
                DriverBuffer.readable(at, 16),
                DriverBuffer.writable(at + 4096, 512),
                DriverBuffer.writable(at + 4096 + 512, 512),
                DriverBuffer.writable(at + 2048, 512),
                DriverBuffer.writable(at + 64, 1))));
    merged.disk.await();
    assertThat(ranges[0]).isEqualTo(2);
    assertThat(merged.memory.u8(at + 64)).isEqualTo(BlkDriver.S_OK);
  }
}
