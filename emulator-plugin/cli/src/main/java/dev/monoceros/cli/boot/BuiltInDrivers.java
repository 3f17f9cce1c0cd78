package dev.monoceros.cli.boot;

import dev.monoceros.machine.boot.BootException;
import dev.monoceros.machine.boot.BootFile;
import dev.monoceros.machine.boot.LinuxBoot;
import dev.monoceros.machine.boot.LinuxBootConfig;
import dev.monoceros.machine.boot.PhysicalMemory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Which drivers are part of a kernel image, for kernels that come without their modules. The image
 * is loaded as the machine would load it, and searched for the names under which the drivers
 * register themselves.
 */
final class BuiltInDrivers {
  private static final long SCRATCH_BYTES = 256L << 20;

  /**
   * A driver.
   *
   * @param module its name as a module
   * @param registered the string it registers with, zero-terminated in the image
   */
  private record Driver(String module, String registered) {}

  private static final List<Driver> KNOWN =
      List.of(
          new Driver("virtio_pci", "virtio-pci"),
          new Driver("virtio_mmio", "virtio-mmio"),
          new Driver("virtio_blk", "virtio_blk"),
          new Driver("ext4", "ext4"));

  private BuiltInDrivers() {}

  /**
   * The drivers among {@code wanted} that an image does not have; those that cannot be judged are
   * not counted.
   */
  static List<String> missing(Path kernel, List<String> wanted) throws BootException, IOException {
    try (Arena arena = Arena.ofShared();
        BootFile file = BootFile.open("kernel", kernel)) {
      MemorySegment ram = arena.allocate(SCRATCH_BYTES, 4096);
      LinuxBoot.load(
          PhysicalMemory.over(ram),
          new LinuxBootConfig(file, List.of(), "", 0, MemorySegment.ofArray(new byte[0])));
      List<String> missing = new ArrayList<>();
      for (Driver driver : KNOWN) {
        if (wanted.contains(driver.module) && !contains(ram, driver.registered)) {
          missing.add(driver.module);
        }
      }
      return missing;
    }
  }

  /** Whether the text stands there between two zero bytes. */
  private static boolean contains(MemorySegment ram, String text) {
    byte[] needle = ("\0" + text + "\0").getBytes(StandardCharsets.US_ASCII);
    MemorySegment segment = MemorySegment.ofArray(needle);
    byte first = needle[1];
    long last = ram.byteSize() - needle.length;
    for (long at = 0; at <= last; at++) {
      if (ram.get(ValueLayout.JAVA_BYTE, at + 1) == first
          && ram.get(ValueLayout.JAVA_BYTE, at) == 0
          && ram.asSlice(at, needle.length).mismatch(segment) < 0) {
        return true;
      }
    }
    return false;
  }
}
