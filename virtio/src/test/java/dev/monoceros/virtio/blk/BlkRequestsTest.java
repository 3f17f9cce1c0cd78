package dev.monoceros.virtio.blk;

import static dev.monoceros.virtio.BlkRig.pattern;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.Wiring;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.MemoryBackend;
import dev.monoceros.virtio.testing.Must;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The request types one by one, in the classic layout. */
@ParameterizedClass
@EnumSource(Wiring.class)
class BlkRequestsTest {
  private final Wiring wiring;

  BlkRequestsTest(Wiring wiring) {
    this.wiring = wiring;
  }

  @Test
  void aReadFillsTheBufferWithTheSectorsAskedFor() {
    BlkRig rig = BlkRig.started(wiring);
    byte[] contents = pattern(rig.backend.bytes().length, 1);
    System.arraycopy(contents, 0, rig.backend.bytes(), 0, contents.length);

    assertThat(rig.disk.read(7, 3)).isEqualTo(Arrays.copyOfRange(contents, 7 * 512, 10 * 512));
    assertThat(rig.queue.usedLength()).isEqualTo(3 * 512 + 1);
    assertThat(rig.block.counts().bytesRead()).isEqualTo(3 * 512);
  }

  @Test
  void aWriteChangesTheSectorsNamedAndNoOthers() {
    BlkRig rig = BlkRig.started(wiring);
    byte[] before = rig.backend.bytes().clone();
    byte[] data = pattern(1024, 2);
    rig.disk.write(BlkRig.SECTORS - 2, data);

    System.arraycopy(data, 0, before, before.length - 1024, 1024);
    assertThat(rig.backend.bytes()).isEqualTo(before);
    assertThat(rig.queue.usedLength()).isEqualTo(1);
    assertThat(rig.block.counts().bytesWritten()).isEqualTo(1024);
  }

  @Test
  void aFlushReachesTheBackend() {
    BlkRig rig = BlkRig.started(wiring);
    rig.disk.write(0, pattern(512, 1));
    assertThat(rig.backend.unflushed()).isEqualTo(1);
    rig.disk.flush();
    assertThat(rig.backend.unflushed()).isZero();
    assertThat(rig.block.counts().flushes()).isEqualTo(1);
  }

  @Test
  void getIdAnswersTheSerialPaddedWithZeros() {
    BlkRig rig = new BlkRig(wiring, BlkOptions.DEFAULT.withSerial("disk-7")).start(16);
    assertThat(rig.disk.transfer(BlkDriver.T_GET_ID, 0, 20, true)).isEqualTo(BlkDriver.S_OK);
    byte[] id = new byte[20];
    rig.memory.read(rig.disk.dataAddress(), id, 0, id.length);
    assertThat(id).isEqualTo(Arrays.copyOf("disk-7".getBytes(StandardCharsets.US_ASCII), 20));
    assertThat(rig.queue.usedLength()).isEqualTo(21);
  }

  @Must({60, Must.UNKNOWN_TYPE})
  @ParameterizedTest
  @ValueSource(longs = {2, 3, 5, 7, 10, 11, 13, 14, 15, 18, 24, 26, 0x8000_0000L, 0xFFFF_FFFFL})
  void m60_aRequestTypeThatIsNotOfferedIsAnsweredUnsupp(long type) {
    BlkRig rig = new BlkRig(wiring);
    rig.start(rig.driver.offered() & ~(BlkRig.DISCARD | BlkRig.WRITE_ZEROES), 16);
    byte[] disk = rig.backend.bytes().clone();
    assertThat(rig.disk.transfer(type, 0, 512, true)).isEqualTo(BlkDriver.S_UNSUPP);
    assertThat(rig.disk.transfer(type, 0, 512, false)).isEqualTo(BlkDriver.S_UNSUPP);
    assertThat(rig.disk.transfer(type, 0, 0, false)).isEqualTo(BlkDriver.S_UNSUPP);
    assertThat(rig.backend.bytes()).isEqualTo(disk);
    assertThat(rig.block.counts().unsupported()).isEqualTo(3);
  }

  @Must(54)
  @Test
  void m54_aWriteToAReadOnlyDiskIsAnsweredIoerrAndChangesNothing() {
    for (long without : new long[] {0, BlkRig.RO}) {
      BlkRig rig = new BlkRig(wiring, new MemoryBackend(BlkRig.SECTORS, true), BlkOptions.DEFAULT);
      assertThat(rig.driver.offered() & BlkRig.RO).isNotZero();
      rig.start(rig.driver.offered() & ~without, 16);
      rig.memory.write(rig.disk.dataAddress(), pattern(512, 3), 0, 512);
      assertThat(rig.disk.transfer(BlkDriver.T_OUT, 0, 512, false)).isEqualTo(BlkDriver.S_IOERR);
      assertThat(rig.backend.writes()).isZero();
      assertThat(rig.disk.read(0, 1)).containsOnly(0);
    }
  }

  @Must({51, 58})
  @Test
  void m58_aWriteIsStableBeforeItCompletesIfFlushWasRefused() {
    BlkRig rig = new BlkRig(wiring);
    assertThat(rig.driver.offered() & BlkRig.FLUSH).isNotZero();
    rig.start(rig.driver.offered() & ~BlkRig.FLUSH, 16);
    rig.disk.write(0, pattern(512, 1));
    assertThat(rig.backend.unflushed()).isZero();

    rig.start(rig.driver.offered(), 16);
    rig.disk.write(0, pattern(512, 1));
    assertThat(rig.backend.unflushed()).as("with FLUSH the cache is write-back").isEqualTo(1);
  }

  @Must(58)
  @Test
  void m58_aWriteWhoseWriteThroughFailsIsNotReportedAsDone() {
    MemoryBackend backend =
        new MemoryBackend(BlkRig.SECTORS) {
          @Override
          public void flush() throws IOException {
            throw new IOException("no space on the host");
          }
        };
    BlkRig rig = new BlkRig(wiring, backend, BlkOptions.DEFAULT);
    rig.start(rig.driver.offered() & ~BlkRig.FLUSH, 16);
    assertThat(rig.disk.transfer(BlkDriver.T_OUT, 0, 512, false)).isEqualTo(BlkDriver.S_IOERR);
  }

  @Test
  void aFailureOfTheBackendIsAnsweredIoerrAndKeptForTheLog() {
    BlkRig rig = BlkRig.started(wiring);
    IOException error = new IOException("host disk is full");
    rig.backend.failWith(error);
    assertThat(rig.disk.transfer(BlkDriver.T_IN, 0, 512, true)).isEqualTo(BlkDriver.S_IOERR);
    assertThat(rig.queue.usedLength()).as("no data byte was written before the status").isZero();
    assertThat(rig.disk.transfer(BlkDriver.T_OUT, 0, 512, false)).isEqualTo(BlkDriver.S_IOERR);
    assertThat(rig.disk.transfer(BlkDriver.T_FLUSH, 0, 0, false)).isEqualTo(BlkDriver.S_IOERR);
    assertThat(rig.block.lastError()).containsSame(error);
    assertThat(rig.block.counts().failed()).isEqualTo(3);

    rig.backend.failWith(null);
    rig.disk.flush();
    assertThat(rig.needsReset()).isFalse();
  }

  @Test
  void anUncheckedExceptionOfTheBackendIsOurFaultAndGoesThrough() {
    MemoryBackend backend =
        new MemoryBackend(BlkRig.SECTORS) {
          @Override
          public void flush() {
            throw new IllegalStateException("a bug");
          }
        };
    BlkRig rig = new BlkRig(wiring, backend, BlkOptions.DEFAULT).start(16);
    assertThatThrownBy(() -> rig.disk.flush())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("a bug");
  }

  @Test
  void everyByteThatTheDeviceChangesInMemoryIsReportedAsWritten() {
    BlkRig rig = BlkRig.started(wiring);
    byte[] contents = pattern(rig.backend.bytes().length, 5);
    System.arraycopy(contents, 0, rig.backend.bytes(), 0, contents.length);
    int head = rig.queue.chain(rig.disk.request(BlkDriver.T_IN, 3, 8 * 512, true));
    rig.queue.offer(head);
    byte[] before = rig.memory.snapshot();
    rig.memory.clearReported();
    rig.driver.kick(0);
    rig.clock.runAll(10);

    byte[] after = rig.memory.snapshot();
    int changed = 0;
    for (int i = 0; i < after.length; i++) {
      if (after[i] != before[i]) {
        changed++;
        assertThat(rig.memory.isReported(BlkRig.MEMORY_BASE + i)).as("byte %d", i).isTrue();
      }
    }
    assertThat(changed).isGreaterThan(4000);
  }
}
