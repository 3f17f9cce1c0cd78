package dev.monoceros.virtio.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.blk.BlkOptions;
import dev.monoceros.virtio.blk.LatencyModel;
import dev.monoceros.virtio.blk.VirtioBlock;
import dev.monoceros.virtio.pci.VirtioPciTransport;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.ByteGuestMemory;
import dev.monoceros.virtio.testing.DriverRing;
import dev.monoceros.virtio.testing.FakeDriver;
import dev.monoceros.virtio.testing.ManualClock;
import dev.monoceros.virtio.testing.MemoryBackend;
import dev.monoceros.virtio.testing.Must;
import dev.monoceros.virtio.testing.RecordingInterrupt;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What a driver finds that polls the used index (2.7.8.2): the whole of a request, or nothing. */
class PublicationOrderTest {
  private static final int SECTOR = 512;

  private final ManualClock clock = new ManualClock();
  private final ByteGuestMemory memory = new ByteGuestMemory(1 << 18);
  private final MemoryBackend backend = new MemoryBackend(8);
  private DriverRing ring;
  private BlkDriver disk;
  private int publications;

  @Must(21)
  @Test
  void m21_dataStatusAndElementAreInMemoryWhenTheIndexIsWritten() {
    OrderedMemory watched = new OrderedMemory(memory, this::look);
    VirtioBlock block = new VirtioBlock(backend, BlkOptions.DEFAULT, LatencyModel.DEFAULT, clock);
    FakeDriver driver =
        new FakeDriver(new VirtioPciTransport(block, watched, new RecordingInterrupt()), memory);
    byte[] contents = BlkRig.pattern(backend.bytes().length, 3);
    System.arraycopy(contents, 0, backend.bytes(), 0, contents.length);
    ring = driver.start(driver.offered(), 16);
    disk = new BlkDriver(driver, ring, clock, SECTOR);
    disk.transfer(BlkDriver.T_IN, 2, SECTOR, true);
    assertThat(publications).isEqualTo(1);
  }

  private void look(long gpa, long length) {
    if (ring == null || gpa > ring.usedRing() + 2 || gpa + length <= ring.usedRing() + 2) {
      return;
    }
    publications++;
    byte[] data = new byte[SECTOR];
    memory.read(disk.dataAddress(), data, 0, SECTOR);
    assertThat(data).isEqualTo(Arrays.copyOfRange(backend.bytes(), 2 * SECTOR, 3 * SECTOR));
    assertThat(disk.status()).isEqualTo(BlkDriver.S_OK);
    assertThat(memory.u32(ring.usedRing() + 8)).isEqualTo(SECTOR + 1);
  }
}
