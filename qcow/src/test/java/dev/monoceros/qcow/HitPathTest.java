package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A read behind a cached L2 entry allocates nothing and accesses the file once. */
class HitPathTest {
  private static final int SIZE = 8 << 20;
  private static final int READS = 20_000;

  @TempDir Path directory;

  @Test
  void aCachedReadAllocatesNothingAndReadsTheFileOnce() throws Exception {
    Path path = directory.resolve("disk.qcow2");
    try (DiskImage image = DiskImage.create(path, CreateOptions.qcow2(SIZE))) {
      image.write(0, ByteBuffer.allocate(SIZE));
      ByteBuffer target = ByteBuffer.allocateDirect(4096);
      readAll(image, target);
      ImageStats before = image.stats();
      long allocated = allocatedBytes();
      readAll(image, target);
      allocated = allocatedBytes() - allocated;
      ImageStats after = image.stats();
      // One boxed number or one view a read would be sixteen bytes or more each.
      assertThat(allocated).isLessThan(READS * 8L);
      assertThat(after.fileReads() - before.fileReads()).isEqualTo(READS);
      assertThat(after.l2().hits() - before.l2().hits()).isEqualTo(READS);
      assertThat(after.l2().misses()).isEqualTo(before.l2().misses());
    }
  }

  @Test
  void contiguousClustersAreReadInOneAccess() throws Exception {
    Path path = directory.resolve("disk.qcow2");
    try (DiskImage image = DiskImage.create(path, CreateOptions.qcow2(SIZE))) {
      image.write(0, ByteBuffer.allocate(SIZE));
      image.read(0, ByteBuffer.allocate(1));
      long before = image.stats().fileReads();
      image.read(1000, ByteBuffer.allocateDirect(SIZE - 1000));
      assertThat(image.stats().fileReads() - before).isEqualTo(1);
    }
  }

  private static void readAll(DiskImage image, ByteBuffer target) throws ImageException {
    long offset = 0;
    for (int i = 0; i < READS; i++) {
      image.read(offset, target.clear());
      offset = (offset + 1_052_672) % (SIZE - 4096);
    }
  }

  private static long allocatedBytes() {
    var threads = ManagementFactory.getPlatformMXBean(com.sun.management.ThreadMXBean.class);
    return threads.getCurrentThreadAllocatedBytes();
  }
}
