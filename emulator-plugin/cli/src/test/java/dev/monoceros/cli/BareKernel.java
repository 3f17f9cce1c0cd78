package dev.monoceros.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Some instructions in a static ELF file, booted in place of a kernel. */
final class BareKernel {
  private static final long LOAD_ADDRESS = 16 << 20;
  private static final int ELF_HEADER = 64;
  private static final int PROGRAM_HEADER = 56;
  private static final int COM1 = 0x3f8;
  private static final int COM2 = 0x2f8;
  private static final int INTERRUPT_ENABLE = 1;
  private static final int LINE_STATUS = 5;
  private static final int DEBUG_EXIT = 0xf4;

  private final ByteArrayOutputStream code = new ByteArrayOutputStream();
  private int serial = COM1;

  /** What follows uses the second serial port. */
  BareKernel onSecondPort() {
    serial = COM2;
    return this;
  }

  BareKernel print(String text) {
    for (byte b : text.getBytes(StandardCharsets.US_ASCII)) {
      out(serial, b);
    }
    return this;
  }

  BareKernel debugExit(int value) {
    return out(DEBUG_EXIT, value);
  }

  /** Interrupts off, then HLT. */
  BareKernel hang() {
    return code(0xfa, 0xf4);
  }

  /** A jump to itself. */
  BareKernel spin() {
    return code(0xeb, 0xfe);
  }

  /** An invalid instruction without an interrupt table. */
  BareKernel tripleFault() {
    return code(0x0f, 0x01, 0x1d, 2, 0, 0, 0, 0x0f, 0x0b).code(new int[10]);
  }

  /** Bytes that are loaded but never run. */
  BareKernel text(String text) {
    code.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    return this;
  }

  /** Sends back every byte received, and a q is the last. */
  BareKernel echoUntilQ() {
    return out(serial + INTERRUPT_ENABLE, 1)
        .code(0x66, 0xba, serial + LINE_STATUS, serial >> 8) // again: mov dx, LSR
        .code(0xec, 0xa8, 1, 0x74, 0xf7) // in al, dx; test al, 1; jz again
        .code(0x66, 0xba, serial, serial >> 8, 0xec, 0xee) // mov dx, data; in al, dx; out dx, al
        .code(0x3c, 'q', 0x75, 0xed); // cmp al, 'q'; jne again
  }

  private BareKernel out(int port, int value) {
    return code(0x66, 0xba, port, port >> 8, 0xb0, value, 0xee); // mov dx; mov al; out dx, al
  }

  private BareKernel code(int... bytes) {
    for (int b : bytes) {
      code.write(b);
    }
    return this;
  }

  /** Writes the file (System V ABI, chapters 4 and 5). */
  String write(Path directory) throws IOException {
    byte[] text = code.toByteArray();
    ByteBuffer elf =
        ByteBuffer.allocate(ELF_HEADER + PROGRAM_HEADER + text.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0})
            .putShort((short) 2) // ET_EXEC
            .putShort((short) 62) // EM_X86_64
            .putInt(1)
            .putLong(LOAD_ADDRESS)
            .putLong(ELF_HEADER)
            .putLong(0)
            .putInt(0)
            .putShort((short) ELF_HEADER)
            .putShort((short) PROGRAM_HEADER)
            .putShort((short) 1)
            .position(ELF_HEADER)
            .putInt(1) // PT_LOAD
            .putInt(5) // readable, executable
            .putLong(ELF_HEADER + PROGRAM_HEADER)
            .putLong(LOAD_ADDRESS)
            .putLong(LOAD_ADDRESS)
            .putLong(text.length)
            .putLong(text.length)
            .putLong(4096)
            .put(text);
    return Files.write(directory.resolve("kernel.elf"), elf.array()).toString();
  }
}
