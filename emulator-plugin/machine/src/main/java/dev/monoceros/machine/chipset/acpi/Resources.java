package dev.monoceros.machine.chipset.acpi;

/** A resource template for _CRS (ACPI 6.3, section 6.4). */
final class Resources {
  private static final int IRQ_WITHOUT_FLAGS = 0x22;
  private static final int IO_PORT = 0x47;
  private static final int END_TAG = 0x79;
  private static final int FIXED_MEMORY = 0x86;
  private static final int FIXED_MEMORY_LENGTH = 9;
  private static final int DWORD_ADDRESS_SPACE = 0x87;
  private static final int WORD_ADDRESS_SPACE = 0x88;
  private static final int WORD_ADDRESS_LENGTH = 0x0d;
  private static final int DWORD_ADDRESS_LENGTH = 0x17;

  private static final int TYPE_MEMORY = 0;
  private static final int TYPE_IO = 1;
  private static final int TYPE_BUS = 2;

  /** Minimum and maximum are fixed, positive decode, producer. */
  private static final int FIXED = 0x0c;

  private static final int MEMORY_READ_WRITE = 0x01;
  private static final int IO_ENTIRE_RANGE = 0x03;
  private static final int DECODE_16 = 0x01;

  private final Bytes bytes = new Bytes();

  /** Ports that the device itself has. */
  Resources ports(int first, int count) {
    bytes.u8(IO_PORT).u8(DECODE_16).u16(first).u16(first).u8(1).u8(count);
    return this;
  }

  /** An edge-triggered, exclusive ISA interrupt. */
  Resources irq(int irq) {
    bytes.u8(IRQ_WITHOUT_FLAGS).u16(1 << irq);
    return this;
  }

  /** Bus numbers behind a bridge. */
  Resources busWindow(int first, int last) {
    return wordWindow(TYPE_BUS, 0, first, last);
  }

  /** Ports that a bridge passes on. */
  Resources portWindow(int first, int last) {
    return wordWindow(TYPE_IO, IO_ENTIRE_RANGE, first, last);
  }

  /** Addresses below 4 GiB that a bridge passes on. */
  Resources memoryWindow(long first, long last) {
    bytes
        .u8(DWORD_ADDRESS_SPACE)
        .u16(DWORD_ADDRESS_LENGTH)
        .u8(TYPE_MEMORY)
        .u8(FIXED)
        .u8(MEMORY_READ_WRITE);
    bytes.u32(0).u32(first).u32(last).u32(0).u32(last - first + 1);
    return this;
  }

  /** Memory at a fixed address that the device itself has (section 6.4.3.4). */
  Resources fixedMemory(long base, long length) {
    bytes.u8(FIXED_MEMORY).u16(FIXED_MEMORY_LENGTH).u8(MEMORY_READ_WRITE).u32(base).u32(length);
    return this;
  }

  private Resources wordWindow(int type, int typeFlags, int first, int last) {
    bytes.u8(WORD_ADDRESS_SPACE).u16(WORD_ADDRESS_LENGTH).u8(type).u8(FIXED).u8(typeFlags);
    bytes.u16(0).u16(first).u16(last).u16(0).u16(last - first + 1);
    return this;
  }

  /** The finished template as an AML buffer. An end tag's checksum of zero means "do not check". */
  byte[] toBuffer() {
    return Aml.buffer(bytes.u8(END_TAG).u8(0).toByteArray());
  }
}
