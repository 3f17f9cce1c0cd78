package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.qcow.oracle.MemoryFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The seed's first rule, seen from the file. */
class L1ResidentTest {
  private static final int CLUSTER = 512;
  private static final int L1_TABLE_OFFSET = 40;
  private static final long PER_TABLE = 64L * CLUSTER;

  @TempDir Path directory;

  private static final class ReadTrace extends MemoryFile {
    final List<Long> reads = new ArrayList<>();

    ReadTrace(byte[] initial) {
      super(initial);
    }

    @Override
    protected void before(String access, long position, int length) throws IOException {
      if (access.equals("read")) {
        reads.add(position);
      }
    }
  }

  @Test
  @DisplayName("L1 resident from open")
  void l1ResidentFromOpen() throws Exception {
    Path path = directory.resolve("disk.qcow2");
    int tables = 40;
    CreateOptions create = CreateOptions.qcow2(tables * PER_TABLE).withClusterSize(CLUSTER);
    try (DiskImage image = DiskImage.create(path, create)) {
      for (int i = 0; i < tables; i++) {
        image.write(i * PER_TABLE, ByteBuffer.allocate(CLUSTER));
      }
    }
    ReadTrace file = new ReadTrace(MemoryFile.load(path));
    long l1 = ByteBuffer.wrap(file.bytes()).getLong(L1_TABLE_OFFSET);
    try (DiskImage image = DiskImage.open(file, OpenOptions.defaults().withReadOnly(true))) {
      assertThat(file.reads).contains(l1);
      file.reads.clear();
      for (int i = 0; i < tables; i++) {
        image.read(i * PER_TABLE, ByteBuffer.allocate(CLUSTER));
        assertThat(file.reads).as("a miss reads the L2 table, then the data").hasSize(2);
        image.read(i * PER_TABLE, ByteBuffer.allocate(CLUSTER));
        assertThat(file.reads).as("a hit reads the data only").hasSize(3);
        assertThat(file.reads).noneMatch(at -> at >= l1 && at < l1 + tables * 8L);
        file.reads.clear();
      }
      assertThat(image.stats().l2().misses()).isEqualTo(tables);
      assertThat(image.stats().l2().hits()).isEqualTo(tables);
    }
  }
}
