package dev.monoceros.machine.chipset;

import dev.monoceros.machine.bus.AddressBus;
import dev.monoceros.machine.bus.ByteRegion;
import dev.monoceros.machine.bus.InterruptLine;
import java.util.Objects;

/**
 * The 8042 keyboard controller at ports 0x60 and 0x64 with neither keyboard nor mouse plugged in
 * (IBM PS/2 Hardware Interface Technical Reference, "Keyboard and auxiliary device controller").
 *
 * <p>It answers every command at once: self-test passes, interface tests report a stuck clock line,
 * bytes sent to a device come back as a time-out. So probing ends quickly, and its one use remains:
 * command 0xFE resets the machine.
 */
public final class KeyboardController {
  private static final int DATA_PORT = 0x60;
  private static final int COMMAND_PORT = 0x64;

  private static final int STATUS_OUTPUT_FULL = 0x01;
  private static final int STATUS_SELF_TEST_PASSED = 0x04;
  private static final int STATUS_LAST_WAS_COMMAND = 0x08;
  private static final int STATUS_NOT_INHIBITED = 0x10;
  private static final int STATUS_AUXILIARY_DATA = 0x20;
  private static final int STATUS_TIME_OUT = 0x40;

  private static final int READ_MEMORY = 0x20;
  private static final int WRITE_MEMORY = 0x60;
  private static final int MEMORY_SIZE = 0x20;
  private static final int DISABLE_AUXILIARY = 0xa7;
  private static final int ENABLE_AUXILIARY = 0xa8;
  private static final int TEST_AUXILIARY = 0xa9;
  private static final int SELF_TEST = 0xaa;
  private static final int TEST_KEYBOARD = 0xab;
  private static final int DISABLE_KEYBOARD = 0xad;
  private static final int ENABLE_KEYBOARD = 0xae;
  private static final int READ_INPUT_PORT = 0xc0;
  private static final int READ_OUTPUT_PORT = 0xd0;
  private static final int WRITE_OUTPUT_PORT = 0xd1;
  private static final int LOOP_KEYBOARD = 0xd2;
  private static final int LOOP_AUXILIARY = 0xd3;
  private static final int WRITE_AUXILIARY = 0xd4;
  private static final int PULSE = 0xf0;

  private static final int SELF_TEST_OK = 0x55;
  private static final int CLOCK_LINE_STUCK_LOW = 0x01;
  private static final int DEVICE_TIMED_OUT = 0xfe;

  private static final int CONFIG_KEYBOARD_INTERRUPT = 0x01;
  private static final int CONFIG_SYSTEM_FLAG = 0x04;
  private static final int CONFIG_KEYBOARD_DISABLED = 0x10;
  private static final int CONFIG_AUXILIARY_DISABLED = 0x20;

  /** Output port and pulse mask, bit 0: low resets the CPU. */
  private static final int OUTPUT_NO_RESET = 0x01;

  private static final int OUTPUT_A20 = 0x02;
  private static final int NO_COMMAND = -1;

  private final InterruptLine irq1;
  private final MachineControl machine;
  private final int[] memory = new int[MEMORY_SIZE];
  private int outputPort = OUTPUT_NO_RESET | OUTPUT_A20;
  private int output;
  private int outputStatus;
  private boolean lastWasCommand;

  /** The command whose data byte is awaited. */
  private int awaiting = NO_COMMAND;

  /** A controller after power-on self-test. */
  public KeyboardController(InterruptLine irq1, MachineControl machine) {
    this.irq1 = irq1;
    this.machine = Objects.requireNonNull(machine);
    memory[0] = CONFIG_SYSTEM_FLAG | CONFIG_KEYBOARD_DISABLED | CONFIG_AUXILIARY_DISABLED;
  }

  /** Claims ports 0x60 and 0x64. */
  public void attach(AddressBus ports) {
    ports.register("8042 data", DATA_PORT, 1, new DataPort());
    ports.register("8042 command", COMMAND_PORT, 1, new CommandPort());
  }

  private void command(int command) {
    lastWasCommand = true;
    awaiting = NO_COMMAND;
    switch (command) {
      case DISABLE_AUXILIARY -> memory[0] |= CONFIG_AUXILIARY_DISABLED;
      case ENABLE_AUXILIARY -> memory[0] &= ~CONFIG_AUXILIARY_DISABLED;
      case DISABLE_KEYBOARD -> memory[0] |= CONFIG_KEYBOARD_DISABLED;
      case ENABLE_KEYBOARD -> memory[0] &= ~CONFIG_KEYBOARD_DISABLED;
      case SELF_TEST -> answer(SELF_TEST_OK, 0);
      case TEST_KEYBOARD, TEST_AUXILIARY -> answer(CLOCK_LINE_STUCK_LOW, 0);
      case READ_INPUT_PORT -> answer(0, 0);
      case READ_OUTPUT_PORT -> answer(outputPort, 0);
      case WRITE_OUTPUT_PORT, LOOP_KEYBOARD, LOOP_AUXILIARY, WRITE_AUXILIARY -> awaiting = command;
      default -> {
        if (command >= PULSE) {
          pulse(command);
        } else if (command >= WRITE_MEMORY && command < WRITE_MEMORY + MEMORY_SIZE) {
          awaiting = command;
        } else if (command >= READ_MEMORY && command < READ_MEMORY + MEMORY_SIZE) {
          answer(memory[command - READ_MEMORY], 0);
        }
      }
    }
  }

  /**
   * Commands 0xF0 to 0xFF pulse those output bits low whose command bits are zero; all but bit 0
   * are without effect on a PC.
   */
  private void pulse(int command) {
    if ((command & OUTPUT_NO_RESET) == 0) {
      machine.reset("keyboard controller");
    }
  }

  private void data(int value) {
    lastWasCommand = false;
    int command = awaiting;
    awaiting = NO_COMMAND;
    switch (command) {
      case NO_COMMAND -> answer(DEVICE_TIMED_OUT, STATUS_TIME_OUT);
      case WRITE_AUXILIARY -> answer(DEVICE_TIMED_OUT, STATUS_TIME_OUT | STATUS_AUXILIARY_DATA);
      case LOOP_KEYBOARD -> answer(value, 0);
      case LOOP_AUXILIARY -> answer(value, STATUS_AUXILIARY_DATA);
      case WRITE_OUTPUT_PORT -> {
        outputPort = value;
        if ((value & OUTPUT_NO_RESET) == 0) {
          machine.reset("keyboard controller's output port");
        }
      }
      default -> memory[command - WRITE_MEMORY] = value;
    }
  }

  private void answer(int value, int status) {
    output = value;
    outputStatus = status | STATUS_OUTPUT_FULL;
    boolean fromKeyboard = (status & STATUS_AUXILIARY_DATA) == 0;
    irq1.set(fromKeyboard && (memory[0] & CONFIG_KEYBOARD_INTERRUPT) != 0);
  }

  private final class DataPort implements ByteRegion {
    @Override
    public int readByte(int offset) {
      outputStatus = 0;
      irq1.set(false);
      return output;
    }

    @Override
    public void writeByte(int offset, int value) {
      data(value);
    }
  }

  private final class CommandPort implements ByteRegion {
    @Override
    public int readByte(int offset) {
      return outputStatus
          | STATUS_SELF_TEST_PASSED
          | STATUS_NOT_INHIBITED
          | (lastWasCommand ? STATUS_LAST_WAS_COMMAND : 0);
    }

    @Override
    public void writeByte(int offset, int value) {
      command(value);
    }
  }
}
