package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.oracle.DiskModel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the interface promises, whatever the format. */
class DiskImageContractTest {
  private static final int SIZE = 4 << 20;

  @TempDir Path directory;

  private DiskImage create() throws ImageException {
    return DiskImage.create(directory.resolve("disk.qcow2"), CreateOptions.qcow2(SIZE));
  }

  @Test
  void nativeAndHeapSegmentsCarryTheSameBytes() throws Exception {
    DiskModel model = new DiskModel(SIZE);
    byte[] data = DiskModel.pattern(200_000, 3);
    model.put(12_345, data);
    try (DiskImage image = create();
        Arena arena = Arena.ofConfined()) {
      MemorySegment segment = arena.allocate(data.length);
      MemorySegment.copy(data, 0, segment, ValueLayout.JAVA_BYTE, 0, data.length);
      image.write(12_345, segment);
      MemorySegment target = arena.allocate(data.length);
      image.read(12_345, target);
      assertThat(target.mismatch(segment)).isEqualTo(-1);
      MemorySegment heap = MemorySegment.ofArray(new byte[data.length]);
      image.read(12_345, heap);
      assertThat(heap.mismatch(segment)).isEqualTo(-1);
      model.assertWholeDisk(image);
    }
  }

  @Test
  void vectorsMeanTheirConcatenation() throws Exception {
    DiskModel model = new DiskModel(SIZE);
    byte[] data = DiskModel.pattern(150_000, 4);
    model.put(60_000, data);
    int[] cuts = {0, 1, 4096, 4096, 70_000, 150_000};
    try (DiskImage image = create()) {
      List<MemorySegment> sources = new ArrayList<>();
      List<MemorySegment> targets = new ArrayList<>();
      byte[] back = new byte[data.length];
      for (int i = 1; i < cuts.length; i++) {
        int length = cuts[i] - cuts[i - 1];
        sources.add(MemorySegment.ofArray(data).asSlice(cuts[i - 1], length));
        targets.add(MemorySegment.ofArray(back).asSlice(cuts[i - 1], length));
      }
      image.write(60_000, sources);
      model.assertWholeDisk(image);
      image.read(60_000, targets);
      assertThat(back).isEqualTo(data);
    }
  }

  @Test
  void aBufferKeepsItsLimitAndItsPositionMovesThere() throws Exception {
    try (DiskImage image = create()) {
      ByteBuffer buffer = ByteBuffer.allocate(300_000).position(10).limit(290_000);
      image.write(5, buffer);
      assertThat(buffer.position()).isEqualTo(290_000);
      buffer.position(10);
      image.read(5, buffer);
      assertThat(buffer.position()).isEqualTo(290_000);
      assertThat(buffer.limit()).isEqualTo(290_000);
    }
  }

  @Test
  void anAccessOutsideTheDiskIsTheCallersMistake() throws Exception {
    try (DiskImage image = create()) {
      ByteBuffer two = ByteBuffer.allocate(2);
      image.read(SIZE - 2, two.duplicate());
      image.read(SIZE, ByteBuffer.allocate(0));
      for (long offset : new long[] {-1, SIZE - 1, SIZE, Long.MAX_VALUE, Long.MIN_VALUE}) {
        assertThatThrownBy(() -> image.read(offset, two.duplicate()))
            .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> image.write(offset, two.duplicate()))
            .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> image.discard(offset, 2))
            .isInstanceOf(IndexOutOfBoundsException.class);
      }
      assertThatThrownBy(() -> image.writeZeroes(0, -1, true))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void aClosedImageMayNotBeUsed() throws Exception {
    DiskImage image = create();
    image.close();
    image.close();
    assertThatThrownBy(() -> image.read(0, ByteBuffer.allocate(1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
    assertThatThrownBy(image::flush).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aReadOnlyImageRefusesEveryChange() throws Exception {
    create().close();
    OpenOptions options = OpenOptions.defaults().withReadOnly(true);
    try (DiskImage image = DiskImage.open(directory.resolve("disk.qcow2"), options)) {
      for (ImageException e :
          List.of(
              catchThrowableOfType(
                  ImageException.class, () -> image.write(0, ByteBuffer.allocate(1))),
              catchThrowableOfType(ImageException.class, () -> image.discard(0, 512)),
              catchThrowableOfType(ImageException.class, () -> image.writeZeroes(0, 512, true)))) {
        assertThat(e.kind()).isEqualTo(ErrorKind.READ_ONLY);
      }
      image.flush();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1000, 3, 16, 1048576, power of two",
    "256, 3, 16, 1048576, power of two",
    "4194304, 3, 16, 1048576, power of two",
    "65536, 4, 16, 1048576, version",
    "65536, 3, 3, 1048576, Refcount width",
    "65536, 3, 128, 1048576, Refcount width",
    "65536, 2, 8, 1048576, 16 bits",
    "512, 3, 16, 274877906944, too large",
    "65536, 3, 16, -1, out of range"
  })
  void badCreateOptionsAreRefusedAndLeaveNoFile(
      long clusterSize, int version, int refcountBits, long size, String words) {
    CreateOptions options =
        CreateOptions.qcow2(size)
            .withClusterSize(clusterSize)
            .withVersion(version)
            .withRefcountBits(refcountBits);
    Path path = directory.resolve("bad.qcow2");
    ImageException e =
        catchThrowableOfType(ImageException.class, () -> DiskImage.create(path, options));
    assertThat(e.kind()).isEqualTo(ErrorKind.BAD_OPTION);
    assertThat(e.operation()).isEqualTo(Operation.CREATE);
    assertThat(e).hasMessageContaining(words);
    assertThat(path).doesNotExist();
  }

  @Test
  void anOptionThatTheFormatWouldLoseIsRefusedAndLeavesNoFile() {
    Path path = directory.resolve("lost");
    Path data = directory.resolve("data");
    Optional<BackingReference> below =
        Optional.of(new BackingReference("base", Optional.of("raw")));
    CreateOptions raw = CreateOptions.raw(1 << 20);
    Map<CreateOptions, String> refused =
        Map.of(
            raw.withBacking(below),
            "Backing file not supported for file format 'raw'",
            raw.withDataFile(Optional.of(data)),
            "Invalid parameter 'data_file'",
            raw.withFormat(ImageFormat.QCOW).withDataFile(Optional.of(data)),
            "Invalid parameter 'data_file'",
            raw.withPreallocation(Preallocation.METADATA),
            "Unsupported preallocation mode: metadata",
            raw.withFormat(ImageFormat.PROBE),
            "the format of a new image must be named");
    refused.forEach(
        (options, sentence) -> {
          ImageException e =
              catchThrowableOfType(ImageException.class, () -> DiskImage.create(path, options));
          assertThat(e.kind()).isEqualTo(ErrorKind.BAD_OPTION);
          assertThat(e.sentence()).isEqualTo(sentence);
          assertThat(path).doesNotExist();
          assertThat(data).doesNotExist();
        });
  }

  @Test
  void whatIsOpenedWithoutALockIsNotWritten() throws Exception {
    create().close();
    Path path = directory.resolve("disk.qcow2");
    OpenOptions shared = OpenOptions.defaults().withForceShare(true);

    ImageException e =
        catchThrowableOfType(ImageException.class, () -> DiskImage.open(path, shared).close());
    assertThat(e.kind()).isEqualTo(ErrorKind.BAD_OPTION);
    assertThat(e.sentence()).isEqualTo("force-share=on can only be used with read-only images");
    DiskImage.open(path, shared.withReadOnly(true)).close();
    DiskImage.open(path, shared.withSnapshot(true)).close();
  }

  @Test
  void badCacheSizesAreRefused() throws Exception {
    create().close();
    OpenOptions defaults = OpenOptions.defaults();
    for (OpenOptions options :
        List.of(
            defaults.withL2CacheEntrySize(1000),
            defaults.withL2CacheEntrySize(131072),
            defaults.withL2CacheSize(-7),
            defaults.withRefcountCacheSize(-7))) {
      ImageException e =
          catchThrowableOfType(
              ImageException.class,
              () -> DiskImage.open(directory.resolve("disk.qcow2"), options).close());
      assertThat(e.kind()).isEqualTo(ErrorKind.BAD_OPTION);
    }
  }

  @Test
  void aDiskOfNoBytesCanBeCreatedAndOpened() throws Exception {
    Path path = directory.resolve("none.qcow2");
    try (DiskImage image = DiskImage.create(path, CreateOptions.qcow2(0))) {
      image.read(0, ByteBuffer.allocate(0));
      assertThat(image.size()).isZero();
    }
    DiskImage.open(path, OpenOptions.defaults()).close();
  }

  @Test
  void createRoundsTheSizeUpToWholeSectors() throws Exception {
    Path path = directory.resolve("odd.qcow2");
    try (DiskImage image = DiskImage.create(path, CreateOptions.qcow2(1000))) {
      assertThat(image.size()).isEqualTo(1024);
    }
  }
}
