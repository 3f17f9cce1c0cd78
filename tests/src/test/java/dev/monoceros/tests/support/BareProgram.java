package dev.monoceros.tests.support;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A few instructions of 64-bit machine code, booted in place of a kernel as a static ELF file
 * (System V ABI, x86-64 supplement). Each step appends code; {@link #write} makes the file.
 */
public final class BareProgram {
  private static final int LOAD_ADDRESS = 16 << 20;
  private static final int SERIAL_PORT = 0x3f8;
  private static final int ACPI_CONTROL_PORT = 0x604;
  private static final int SLEEP_ENABLE = 1 << 13;
  private static final int SLEEP_TYPE_SHIFT = 10;
  private static final int SLEEP_TYPE_S5 = 5;
  private static final int KEYBOARD_CONTROLLER_PORT = 0x64;
  private static final int PULSE_RESET = 0xfe;
  private static final int DEBUG_EXIT_PORT = 0xf4;

  private final ByteArrayOutputStream code = new ByteArrayOutputStream();

  private BareProgram() {}

  /** A program without instructions. */
  public static BareProgram program() {
    return new BareProgram();
  }

  /** Sends a line and its line feed on the first serial port. */
  public BareProgram print(String line) {
    for (byte b : (line + "\n").getBytes(StandardCharsets.US_ASCII)) {
      outByte(SERIAL_PORT, b);
    }
    return this;
  }

  /** Spins for about so much virtual time: four bytes of code, so four ns, each time around. */
  public BareProgram spin(int nanos) {
    int rounds = nanos / 4;
    // mov ecx, rounds; again: dec ecx; jnz again
    return bytes(0xb9, rounds, rounds >> 8, rounds >> 16, rounds >> 24, 0xff, 0xc9, 0x75, 0xfc);
  }

  /** Writes to the debug-exit port. */
  public BareProgram debugExit(int value) {
    return outByte(DEBUG_EXIT_PORT, value);
  }

  /** Resets the machine by the keyboard controller. */
  public BareProgram reset() {
    return outByte(KEYBOARD_CONTROLLER_PORT, PULSE_RESET);
  }

  /** Powers off by ACPI (ACPI 6.5, 4.8.3.2.1). */
  public BareProgram powerOff() {
    int value = SLEEP_ENABLE | SLEEP_TYPE_S5 << SLEEP_TYPE_SHIFT;
    // mov dx, port; mov ax, value; out dx, ax
    return bytes(0x66, 0xba, ACPI_CONTROL_PORT, ACPI_CONTROL_PORT >> 8)
        .bytes(0x66, 0xb8, value, value >> 8)
        .bytes(0x66, 0xef);
  }

  /** Interrupts off, then HLT. */
  public BareProgram haltForGood() {
    return bytes(0xfa, 0xf4); // cli; hlt
  }

  /** An invalid instruction with an interrupt descriptor table of no entries. */
  public BareProgram tripleFault() {
    // lidt [rip + 2]; ud2; ten bytes of zero
    return bytes(0x0f, 0x01, 0x1d, 2, 0, 0, 0, 0x0f, 0x0b).bytes(new int[10]);
  }

  /** Loops on the spot. */
  public BareProgram loopForEver() {
    return bytes(0xeb, 0xfe); // jmp self
  }

  private BareProgram outByte(int port, int value) {
    // mov dx, port; mov al, value; out dx, al
    return bytes(0x66, 0xba, port, port >> 8, 0xb0, value, 0xee);
  }

  /** Writes a byte, word or dword to a port. */
  public BareProgram out(int port, int size, int value) {
    // mov dx, port; mov eax, value; out dx, al | ax | eax
    bytes(0x66, 0xba, port, port >> 8);
    bytes(0xb8, value, value >> 8, value >> 16, value >> 24);
    return switch (size) {
      case 1 -> bytes(0xee);
      case 2 -> bytes(0x66, 0xef);
      default -> bytes(0xef);
    };
  }

  /** Reads a byte, word or dword from a port. */
  public BareProgram in(int port, int size) {
    bytes(0x66, 0xba, port, port >> 8);
    return switch (size) {
      case 1 -> bytes(0xec);
      case 2 -> bytes(0x66, 0xed);
      default -> bytes(0xed);
    };
  }

  /** Stores a byte, word or dword at a physical address below 4 GiB. */
  public BareProgram store(long address, int size, int value) {
    pointTo(address).bytes(0xb8, value, value >> 8, value >> 16, value >> 24);
    return switch (size) {
      case 1 -> bytes(0x88, 0x03); // mov [rbx], al
      case 2 -> bytes(0x66, 0x89, 0x03);
      default -> bytes(0x89, 0x03);
    };
  }

  /** Loads a byte, word or dword from a physical address below 4 GiB. */
  public BareProgram load(long address, int size) {
    pointTo(address);
    return switch (size) {
      case 1 -> bytes(0x8a, 0x03); // mov al, [rbx]
      case 2 -> bytes(0x66, 0x8b, 0x03);
      default -> bytes(0x8b, 0x03);
    };
  }

  private BareProgram pointTo(long address) {
    int low = (int) address;
    return bytes(0xbb, low, low >> 8, low >> 16, low >> 24); // mov ebx, address
  }

  /** Any bytes at all. */
  public BareProgram raw(byte[] instructions) {
    code.writeBytes(instructions);
    return this;
  }

  private BareProgram bytes(int... values) {
    for (int value : values) {
      code.write(value);
    }
    return this;
  }

  /** Writes the ELF file. */
  public Path write(Path directory, String name) {
    try {
      byte[] elf = StaticElf.of(LOAD_ADDRESS, code.toByteArray());
      return Files.write(directory.resolve(name + ".elf"), elf);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
