package dev.monoceros.machine.boot;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * The setup header of a bzImage (boot.rst, "The real-mode kernel header"), read from the first
 * bytes of the file. Checks only that it is one; what its fields ask for is checked by their users.
 *
 * @param bytes at least {@link #MINIMUM} bytes from the start of the file
 */
record SetupHeader(MemorySegment bytes) {
  /** A file shorter than this is no bzImage. */
  static final int MINIMUM = 0x280;

  /** Where the header begins, in the file as in boot_params. */
  static final int START = 0x1f1;

  static final int BOOT_FLAG = 0x1fe;
  static final int BOOT_FLAG_VALUE = 0xaa55;
  static final int HEADER = 0x202;
  static final long HEADER_VALUE = 0x5372_6448;
  static final int VERSION = 0x206;
  static final int TYPE_OF_LOADER = 0x210;
  static final int LOAD_FLAGS = 0x211;
  static final int RAMDISK_IMAGE = 0x218;
  static final int RAMDISK_SIZE = 0x21c;
  static final int COMMAND_LINE_POINTER = 0x228;
  static final int SETUP_DATA = 0x250;

  private static final int SETUP_SECTORS = 0x1f1;
  private static final int JUMP_LENGTH = 0x201;
  private static final int KERNEL_VERSION = 0x20e;
  private static final int INITRD_ADDRESS_MAX = 0x22c;
  private static final int XLOAD_FLAGS = 0x236;
  private static final int COMMAND_LINE_SIZE = 0x238;
  private static final int PAYLOAD_OFFSET = 0x248;
  private static final int PAYLOAD_LENGTH = 0x24c;
  private static final int PREFERRED_ADDRESS = 0x258;
  private static final int INIT_SIZE = 0x260;

  private static final int VERSION_2_10 = 0x20a;
  private static final int VERSION_2_12 = 0x20c;
  private static final int XLF_KERNEL_64 = 0x1;
  private static final int DEFAULT_SETUP_SECTORS = 4;
  private static final int SECTOR = 512;

  static boolean isPresent(MemorySegment head) {
    return head.byteSize() >= MINIMUM
        && LittleEndian.u16(head, BOOT_FLAG) == BOOT_FLAG_VALUE
        && LittleEndian.u32(head, HEADER) == HEADER_VALUE;
  }

  int version() {
    return LittleEndian.u16(bytes, VERSION);
  }

  /**
   * Has every field used here: payload_offset came with 2.08, pref_address and init_size with 2.10
   * (2009).
   */
  boolean isRecentEnough() {
    return version() >= VERSION_2_10;
  }

  boolean isFor64Bit() {
    return version() < VERSION_2_12 || (LittleEndian.u16(bytes, XLOAD_FLAGS) & XLF_KERNEL_64) != 0;
  }

  /** First byte after the header: 0x202 plus the length in the jump instruction before it. */
  int end() {
    return HEADER + LittleEndian.u8(bytes, JUMP_LENGTH);
  }

  private long setupBytes() {
    int sectors = LittleEndian.u8(bytes, SETUP_SECTORS);
    return (1L + (sectors == 0 ? DEFAULT_SETUP_SECTORS : sectors)) * SECTOR;
  }

  /** Position of the compressed kernel in the file. */
  long payloadPosition() {
    return setupBytes() + LittleEndian.u32(bytes, PAYLOAD_OFFSET);
  }

  long payloadLength() {
    return LittleEndian.u32(bytes, PAYLOAD_LENGTH);
  }

  long initrdAddressMax() {
    return LittleEndian.u32(bytes, INITRD_ADDRESS_MAX);
  }

  /** Longest command line in bytes, without the final zero. */
  long commandLineSize() {
    return LittleEndian.u32(bytes, COMMAND_LINE_SIZE);
  }

  long preferredAddress() {
    return LittleEndian.s64(bytes, PREFERRED_ADDRESS);
  }

  /** Bytes from the load address on that the kernel uses before it has looked at the memory map. */
  long initSize() {
    return LittleEndian.u32(bytes, INIT_SIZE);
  }

  /** The kernel's own version line; empty if it does not lie in {@link #bytes}. */
  String kernelVersion() {
    int pointer = LittleEndian.u16(bytes, KERNEL_VERSION);
    long start = SECTOR + (long) pointer;
    if (pointer == 0 || start >= bytes.byteSize()) {
      return "";
    }
    long end = start;
    while (end < bytes.byteSize()
        && LittleEndian.u8(bytes, end) >= ' '
        && LittleEndian.u8(bytes, end) < 0x7f) {
      end++;
    }
    return new String(
        bytes.asSlice(start, end - start).toArray(ValueLayout.JAVA_BYTE),
        StandardCharsets.US_ASCII);
  }
}
