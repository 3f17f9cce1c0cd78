package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Reads and writes of several pieces of memory at once, as a disk of a machine does them. */
class VectorTest {
  private static final int SIZE = 4 << 20;
  private static final int ROUNDS = 150;
  private static final int MOST_BYTES = 600_000;

  @TempDir Path directory;

  static Stream<CreateOptions> formats() {
    CreateOptions qcow2 = CreateOptions.qcow2(SIZE);
    return Stream.of(
        CreateOptions.raw(SIZE),
        qcow2,
        qcow2.withClusterSize(512),
        qcow2.withClusterSize(2 << 20),
        qcow2.withExtendedL2(true),
        qcow2.withVersion(2).withRefcountBits(16),
        qcow2.withPreallocation(Preallocation.METADATA));
  }

  /** Pieces of all sizes, also empty ones and more than one call of the kernel takes. */
  private static List<MemorySegment> cut(MemorySegment memory, SplittableRandom random) {
    List<MemorySegment> pieces = new ArrayList<>();
    int most = 1 << random.nextInt(4, 17);
    long at = 0;
    while (at < memory.byteSize()) {
      long length = Math.min(memory.byteSize() - at, random.nextInt(most));
      pieces.add(memory.asSlice(at, length));
      at += length;
    }
    return pieces;
  }

  @ParameterizedTest
  @MethodSource("formats")
  void piecesHoldWhatOneBufferWouldHold(CreateOptions format) throws Exception {
    SplittableRandom random = new SplittableRandom(7);
    byte[] model = new byte[SIZE];
    Path path = directory.resolve("disk");
    try (DiskImage image = DiskImage.create(path, format);
        Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(MOST_BYTES);
      for (int i = 0; i < ROUNDS; i++) {
        int length = random.nextInt(MOST_BYTES);
        int offset = random.nextInt(SIZE - length);
        MemorySegment part = memory.asSlice(0, length);
        switch (random.nextInt(5)) {
          case 0, 1 -> {
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            MemorySegment.copy(bytes, 0, part, ValueLayout.JAVA_BYTE, 0, length);
            image.write(offset, cut(part, random));
            System.arraycopy(bytes, 0, model, offset, length);
          }
          case 2 -> {
            image.writeZeroes(offset, length, true);
            Arrays.fill(model, offset, offset + length, (byte) 0);
          }
          default -> {
            part.fill((byte) 0x5A);
            image.read(offset, cut(part, random));
            assertThat(part.toArray(ValueLayout.JAVA_BYTE))
                .as("round %d", i)
                .isEqualTo(Arrays.copyOfRange(model, offset, offset + length));
          }
        }
      }
      image.flush();
      MemorySegment all = arena.allocate(SIZE);
      image.read(0, all);
      assertThat(all.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(model);
    }
  }

  @Test
  void manyPiecesOverOneRunTakeOneCallOfTheHost() throws Exception {
    int length = 1 << 20;
    try (DiskImage image = DiskImage.create(directory.resolve("disk"), CreateOptions.qcow2(SIZE));
        Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(2L * length);
      image.write(0, memory.asSlice(0, length));
      List<MemorySegment> pages = new ArrayList<>();
      for (int at = 0; at < 2 * length; at += 8192) {
        pages.add(memory.asSlice(at, 4096));
      }
      long writes = image.stats().fileWrites();
      image.write(0, pages);
      assertThat(image.stats().fileWrites() - writes).isEqualTo(1);
      long reads = image.stats().fileReads();
      image.read(0, pages);
      assertThat(image.stats().fileReads() - reads).isEqualTo(1);
    }
  }
}
