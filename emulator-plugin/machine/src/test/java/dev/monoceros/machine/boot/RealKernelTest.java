package dev.monoceros.machine.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A distribution's own kernel, where system property monoceros.test.kernel names one. Oracle: the
 * kernel's banner, which the real build put in both header and image.
 */
class RealKernelTest {
  private static final String PROPERTY = "monoceros.test.kernel";
  private static final long RAM = 256L << 20;

  @Test
  void aDistributionsKernelIsUnpackedWithTheBannerThatItsHeaderPromises() throws Exception {
    String path = System.getProperty(PROPERTY);
    assumeTrue(path != null, "no kernel is named by " + PROPERTY);
    try (Arena arena = Arena.ofConfined();
        BootFile kernel = BootFile.open("kernel", Path.of(path))) {
      MemorySegment ram = arena.allocate(RAM, 4096);
      BootState state =
          LinuxBoot.load(
              PhysicalMemory.over(ram),
              new LinuxBootConfig(
                  kernel, List.of(), "console=ttyS0", 0, MemorySegment.ofArray(new byte[32])));
      assertThat(state.rip()).isBetween(0x100000L, state.kernelEnd());
      String release = state.kernelVersion().split(" ", 2)[0];
      byte[] banner = ("Linux version " + release + " (").getBytes(StandardCharsets.US_ASCII);
      assertThat(indexOf(ram.asSlice(state.rip(), state.kernelEnd() - state.rip()), banner))
          .isNotNegative();
    }
  }

  private static long indexOf(MemorySegment haystack, byte[] needle) {
    MemorySegment wanted = MemorySegment.ofArray(needle);
    for (long i = 0; i <= haystack.byteSize() - needle.length; i++) {
      if (LittleEndian.u8(haystack, i) == needle[0]
          && haystack.asSlice(i, needle.length).mismatch(wanted) < 0) {
        return i;
      }
    }
    return -1;
  }
}
