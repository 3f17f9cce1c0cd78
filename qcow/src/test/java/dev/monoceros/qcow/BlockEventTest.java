package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.qcow.io.BlockEvent;
import dev.monoceros.qcow.oracle.MemoryFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file is told what the image is about to do, in the order in which QEMU does it. */
class BlockEventTest {
  private static final int CLUSTER = 65536;

  @TempDir Path directory;

  private static final class Listener extends MemoryFile {
    final List<BlockEvent> events = new ArrayList<>();

    Listener(byte[] initial) {
      super(initial);
    }

    @Override
    public void event(BlockEvent event) {
      events.add(event);
    }

    List<BlockEvent> take() {
      List<BlockEvent> taken = List.copyOf(events);
      events.clear();
      return taken;
    }
  }

  @Test
  void eachAccessIsAnnounced() throws Exception {
    Path path = directory.resolve("disk.qcow2");
    DiskImage.create(path, CreateOptions.qcow2(1 << 20)).close();
    Listener file = new Listener(MemoryFile.load(path));
    try (DiskImage image = DiskImage.open(file, OpenOptions.defaults())) {
      assertThat(file.take()).containsExactly(BlockEvent.REFTABLE_LOAD);
      image.write(CLUSTER, ByteBuffer.allocate(CLUSTER));
      assertThat(file.take())
          .containsExactly(
              BlockEvent.CLUSTER_ALLOC,
              BlockEvent.REFBLOCK_LOAD,
              BlockEvent.L2_ALLOC_WRITE,
              BlockEvent.REFBLOCK_UPDATE_PART,
              BlockEvent.L1_UPDATE,
              BlockEvent.L2_LOAD,
              BlockEvent.CLUSTER_ALLOC,
              BlockEvent.WRITE_AIO);
      image.flush();
      assertThat(file.take())
          .containsExactly(
              BlockEvent.FLUSH_TO_OS,
              BlockEvent.REFBLOCK_UPDATE_PART,
              BlockEvent.L2_UPDATE,
              BlockEvent.FLUSH_TO_DISK);
      image.read(CLUSTER, ByteBuffer.allocate(1));
      assertThat(file.take()).containsExactly(BlockEvent.READ_AIO);
      image.writeCompressed(0, ByteBuffer.allocate(CLUSTER));
      image.read(0, ByteBuffer.allocate(1));
      assertThat(file.take())
          .containsExactly(
              BlockEvent.CLUSTER_ALLOC_BYTES,
              BlockEvent.CLUSTER_ALLOC,
              BlockEvent.WRITE_COMPRESSED,
              BlockEvent.L2_UPDATE_COMPRESSED,
              BlockEvent.READ_COMPRESSED);
    }
  }
}
