package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.Header;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.oracle.DiskModel;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** QEMU's rules for cache sizes (docs/qcow2-cache.txt), and its cache-clean-interval. */
class CacheSizesTest {
  private static final long MIB = 1 << 20;
  private static final long GIB = 1L << 30;

  @TempDir Path directory;

  private static Header header(int clusterBits, boolean extended, long size) {
    Geometry geometry = new Geometry(clusterBits, 4, extended);
    int entries = (int) geometry.l1EntriesFor(size);
    return new Header(3, geometry, size, entries, 0, 0, 1, 0, 0, 0, 0, 0, 112, List.of());
  }

  private static OpenOptions options(long both, long l2, long refcounts) {
    return OpenOptions.defaults()
        .withCacheSize(both)
        .withL2CacheSize(l2)
        .withRefcountCacheSize(refcounts);
  }

  /** Sizes in KiB, -1 where the option is not given; 8 GiB at 64 KiB clusters need 1 MiB of L2. */
  @ParameterizedTest
  @CsvSource({
    "-1, -1, -1, 1024, 256",
    "-1, 512, -1, 512, 256",
    "-1, 4096, 128, 1024, 128",
    "2048, -1, -1, 1024, 1024",
    "1280, -1, -1, 1024, 256",
    "1024, -1, -1, 768, 256",
    "128, -1, -1, 0, 128",
    "2048, 1024, -1, 1024, 1024",
    "2048, 256, -1, 256, 1792",
    "2048, -1, 1024, 1024, 1024",
    "2048, -1, 2048, 0, 2048"
  })
  void aCacheSizeIsSplitAsInQemu(
      long both, long l2, long refcounts, long expectedL2, long expectedRefcounts)
      throws Exception {
    CacheSizes sizes =
        CacheSizes.of(header(16, false, 8 * GIB), options(kib(both), kib(l2), kib(refcounts)));
    assertThat(sizes.l2()).isEqualTo(expectedL2 << 10);
    assertThat(sizes.refcounts()).isEqualTo(expectedRefcounts << 10);
  }

  private static long kib(long size) {
    return size < 0 ? OpenOptions.AUTO : size << 10;
  }

  @Test
  void theDefaultCoversTheDiskUpTo32MiB() throws Exception {
    OpenOptions defaults = OpenOptions.defaults();
    assertThat(CacheSizes.of(header(16, false, 256 * GIB), defaults).l2()).isEqualTo(32 * MIB);
    assertThat(CacheSizes.of(header(16, false, 1024 * GIB), defaults).l2()).isEqualTo(32 * MIB);
    assertThat(CacheSizes.of(header(16, false, 64 * GIB), defaults).l2()).isEqualTo(8 * MIB);
    assertThat(CacheSizes.of(header(16, true, 64 * GIB), defaults).l2()).isEqualTo(16 * MIB);
    assertThat(CacheSizes.of(header(16, true, Long.MAX_VALUE), defaults).l2()).isEqualTo(32 * MIB);
  }

  @ParameterizedTest
  @CsvSource({
    "1024, 512, 512, may not be set at the same time",
    "1024, 2048, -1, l2-cache-size may not exceed cache-size",
    "1024, -1, 2048, refcount-cache-size may not exceed cache-size"
  })
  void sizesThatContradictEachOtherAreRefusedInQemusWords(
      long both, long l2, long refcounts, String words) throws Exception {
    Path path = directory.resolve("disk.qcow2");
    DiskImage.create(path, CreateOptions.qcow2(MIB)).close();
    ImageException e =
        catchThrowableOfType(
            ImageException.class,
            () -> DiskImage.open(path, options(kib(both), kib(l2), kib(refcounts))).close());
    assertThat(e.kind()).isEqualTo(ErrorKind.BAD_OPTION);
    assertThat(e).hasMessageContaining(words);
  }

  @Test
  void tablesNobodyUsedForAnIntervalAreDroppedAndTheirMemoryIsLetGo() throws Exception {
    Path path = directory.resolve("disk.qcow2");
    int size = 64 << 20;
    DiskModel model = new DiskModel(size);
    AtomicLong clock = new AtomicLong(5);
    long second = 1_000_000_000;
    OpenOptions options =
        OpenOptions.defaults()
            .withCacheCleanInterval(10)
            .withClock(clock::get)
            .withL2CacheEntrySize(512);
    DiskImage.create(path, CreateOptions.qcow2(size).withClusterSize(512)).close();
    try (DiskImage image = DiskImage.open(path, options)) {
      for (int at = 0; at < size; at += 1 << 20) {
        model.write(image, at, 600, at);
      }
      image.flush();
      int full = image.stats().l2().cached();
      assertThat(full).isEqualTo(64);
      clock.addAndGet(10 * second - 1);
      image.read(0, ByteBuffer.allocate(1));
      assertThat(image.stats().l2().cached()).isEqualTo(full);
      clock.addAndGet(1);
      image.read(0, ByteBuffer.allocate(1));
      assertThat(image.stats().l2().cached()).as("all were used in this interval").isEqualTo(full);
      clock.addAndGet(10 * second);
      image.read(0, ByteBuffer.allocate(1));
      assertThat(image.stats().l2().cached()).as("only the one that is read").isEqualTo(1);
      assertThat(image.stats().refcounts().cached()).isZero();
      model.write(image, (5 << 20) + 2048, 600, 1);
      clock.addAndGet(10 * second);
      image.read(0, ByteBuffer.allocate(1));
      clock.addAndGet(10 * second);
      image.read(0, ByteBuffer.allocate(1));
      assertThat(image.stats().l2().cached()).as("a dirty table stays").isEqualTo(2);
      model.assertWholeDisk(image);
    }
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      model.assertWholeDisk(image);
    }
  }
}
