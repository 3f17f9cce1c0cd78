package dev.monoceros.virtio.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Jazzer's target over ring memory and register writes: no exception, nothing stuck, and after a
 * reset a device that works. The profile {@code fuzz} of this module runs it.
 */
class DeviceFuzzTest {
  @MethodSource("seeds")
  @FuzzTest(maxDuration = "6s")
  void aGuestMayDoAnything(byte[] input) {
    FuzzedDevice.survive(input);
  }

  @Tag("long")
  @MethodSource("seeds")
  @FuzzTest(maxDuration = "1h")
  void aGuestMayDoAnythingForAnHour(byte[] input) {
    FuzzedDevice.survive(input);
  }

  /** Random operations on every wiring. */
  static Stream<byte[]> seeds() {
    SplittableRandom random = new SplittableRandom(5);
    return IntStream.range(0, 80)
        .mapToObj(
            i -> {
              int operations = 1 + random.nextInt(100);
              byte[] seed = new byte[FuzzedDevice.HEADER + FuzzedDevice.OPERATION * operations];
              random.nextBytes(seed);
              ByteBuffer.wrap(seed).put((byte) i);
              return seed;
            });
  }
}
