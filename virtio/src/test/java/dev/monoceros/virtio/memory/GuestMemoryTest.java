package dev.monoceros.virtio.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.monoceros.virtio.testing.ByteGuestMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The memory port: byte order, bounds, reports of writes, scatter lists. */
class GuestMemoryTest {
  private static final long BASE = 0xFFFF_0000L;
  private static final int SIZE = 4096;

  private final ByteGuestMemory memory = new ByteGuestMemory(BASE, SIZE);

  @Test
  void valuesAreLittleEndianAtAnyAlignment() {
    memory.putU64(BASE + 1, 0x8877_6655_4433_2211L);
    for (int i = 0; i < 8; i++) {
      assertThat(memory.u8(BASE + 1 + i)).isEqualTo(0x11 * (i + 1));
    }
    assertThat(memory.u16(BASE + 7)).isEqualTo(0x8877);
    assertThat(memory.u32(BASE + 5)).isEqualTo(0x8877_6655L);
    assertThat(memory.u64(BASE + 1)).isEqualTo(0x8877_6655_4433_2211L);
    memory.putU32(BASE + 5, 0xFEDC_BA98L);
    memory.putU16(BASE + 3, 0xABCD);
    memory.putU8(BASE + 1, 0xFF);
    assertThat(memory.u64(BASE + 1)).isEqualTo(0xFEDC_BA98_ABCD_22FFL);
  }

  @ParameterizedTest
  @CsvSource({"-1,1", "4096,1", "4095,2", "0,4097", "-4294901760,8", "9223372032559874047,1"})
  void rangesThatAreNotAllRamAreRefused(long offset, int length) {
    long gpa = BASE + offset;
    assertThat(memory.contains(gpa, length)).isFalse();
    assertThatThrownBy(() -> memory.slice(gpa, length))
        .isInstanceOf(GuestAddressException.class)
        .hasMessageContaining("is not RAM");
    assertThatThrownBy(() -> memory.read(gpa, new byte[length], 0, length))
        .isInstanceOf(GuestAddressException.class);
    assertThatThrownBy(() -> memory.write(gpa, MemorySegment.ofArray(new byte[length])))
        .isInstanceOf(GuestAddressException.class);
  }

  @Test
  void aValueThatCrossesTheEndIsRefusedAndNothingIsWritten() {
    long last = BASE + SIZE - 1;
    assertThatThrownBy(() -> memory.putU64(last, -1)).isInstanceOf(GuestAddressException.class);
    assertThatThrownBy(() -> memory.u16(last)).isInstanceOf(GuestAddressException.class);
    assertThat(memory.u8(last)).isZero();
    assertThat(memory.contains(BASE + SIZE, 0)).isTrue();
    assertThat(memory.contains(BASE, -1)).isFalse();
    assertThat(memory.contains(BASE, Long.MAX_VALUE)).isFalse();
  }

  @Test
  void bulkCopiesMoveExactlyTheirBytesAndReportWrites() {
    byte[] source = {1, 2, 3, 4, 5};
    memory.write(BASE + 10, source, 1, 3);
    byte[] target = new byte[7];
    memory.read(BASE + 9, target, 1, 5);
    assertThat(target).containsExactly(0, 0, 2, 3, 4, 0, 0);
    MemorySegment segment = MemorySegment.ofArray(new byte[3]);
    memory.read(BASE + 10, segment);
    assertThat(segment.toArray(ValueLayout.JAVA_BYTE)).containsExactly(2, 3, 4);
    for (int i = 0; i < 20; i++) {
      assertThat(memory.isReported(BASE + i)).isEqualTo(i >= 10 && i < 13);
    }
  }

  @Test
  void aSliceSharesItsBytesWithTheGuestAndReportsOnRequest() {
    MemorySegment slice = memory.slice(BASE + 100, 50);
    slice.set(ValueLayout.JAVA_BYTE, 49, (byte) 7);
    assertThat(memory.u8(BASE + 149)).isEqualTo(7);
    assertThat(memory.isReported(BASE + 149)).isFalse();
    memory.written(BASE + 100, 50);
    assertThat(memory.isReported(BASE + 149)).isTrue();
    assertThat(memory.isReported(BASE + 150)).isFalse();
  }

  @Test
  void buffersMergeRangesThatTouchAndKeepTheOthersInOrder() {
    GuestBuffers buffers = new GuestBuffers(memory);
    buffers.add(BASE, 16);
    buffers.add(BASE + 16, 16);
    buffers.add(BASE + 40, 0);
    for (int i = 0; i < 6; i++) {
      buffers.add(BASE + 1000 - 100L * i, 10);
    }
    buffers.add(BASE + 510, 1);
    assertThat(buffers.count()).isEqualTo(7);
    assertThat(buffers.byteSize()).isEqualTo(93);
    assertThat(buffers.address(0)).isEqualTo(BASE);
    assertThat(buffers.length(0)).isEqualTo(32);
    assertThat(buffers.offset(1)).isEqualTo(1000);
    assertThat(buffers.length(6)).isEqualTo(11);
    assertThat(buffers.slice(6).byteSize()).isEqualTo(11);
    buffers.written();
    assertThat(memory.isReported(BASE + 31)).isTrue();
    assertThat(memory.isReported(BASE + 32)).isFalse();
    assertThat(memory.isReported(BASE + 510)).isTrue();
    assertThatThrownBy(() -> buffers.add(BASE + SIZE - 1, 2))
        .isInstanceOf(GuestAddressException.class);
    assertThatThrownBy(() -> buffers.region(7)).isInstanceOf(IndexOutOfBoundsException.class);
    buffers.clear();
    assertThat(buffers.count()).isZero();
    assertThat(buffers.byteSize()).isZero();
  }

  @Test
  void registerImagesReadZeroOutsideAndIgnoreWritesThere() {
    byte[] image = {1, 2, 3, 4};
    assertThat(LittleEndian.read(image, 2, 4)).isEqualTo(0x0403);
    assertThat(LittleEndian.read(image, -1, 2)).isEqualTo(0x0100);
    assertThat(LittleEndian.read(image, Long.MAX_VALUE, 8)).isZero();
    LittleEndian.write(image, 3, 4, 0xAABB_CCDDL);
    assertThat(image).containsExactly(1, 2, 3, 0xDD);
    assertThat(LittleEndian.truncate(-1, 8)).isEqualTo(-1);
    assertThat(LittleEndian.truncate(-1, 2)).isEqualTo(0xFFFF);
  }
}
