package dev.monoceros.machine.chipset;

import dev.monoceros.machine.bus.ByteRegion;

/**
 * One 8259A programmable interrupt controller (Intel data sheet 231468-003).
 *
 * <p>As in every PC's south bridge, the trigger mode comes from the edge/level control register and
 * not from LTIM, cascading is wired (ICW3 is accepted and ignored), and only 8086 mode exists. A
 * request line must stay high until it is acknowledged; if it falls before, the acknowledge cycle
 * gives the spurious IR7 ("Edge and level triggered modes").
 */
final class I8259 implements ByteRegion {
  /** What {@link #acknowledge} gives when the request has gone; it is also the lowest input. */
  static final int SPURIOUS_INPUT = 7;

  private static final int COMMAND = 0;

  private static final int ICW1_SELECT = 0x10;
  private static final int ICW1_NEEDS_ICW4 = 0x01;
  private static final int ICW1_SINGLE = 0x02;
  private static final int ICW2_BASE_MASK = 0xf8;
  private static final int ICW4_AUTO_EOI = 0x02;
  private static final int ICW4_SPECIAL_FULLY_NESTED = 0x10;

  private static final int OCW3_SELECT = 0x08;
  private static final int OCW3_READ_ISR = 0x01;
  private static final int OCW3_READ_COMMAND = 0x02;
  private static final int OCW3_POLL = 0x04;
  private static final int OCW3_SPECIAL_MASK = 0x20;
  private static final int OCW3_SPECIAL_MASK_COMMAND = 0x40;

  private static final int OCW2_LEVEL = 0x07;
  private static final int POLL_INTERRUPT = 0x80;

  private static final int ALL = 0xff;
  private static final int NONE = -1;

  private enum Expecting {
    OPERATION,
    ICW2,
    ICW3,
    ICW4
  }

  private final int cascadeMask;
  private final Runnable changed;

  private int lines;
  private int edgeLatch;
  private int levelTriggered;
  private int mask = ALL;
  private int inService;
  private int vectorBase;
  private int lowestPriority = 7;
  private Expecting expecting = Expecting.OPERATION;
  private boolean single;
  private boolean needsIcw4;
  private boolean autoEoi;
  private boolean rotateOnAutoEoi;
  private boolean specialFullyNested;
  private boolean specialMask;
  private boolean readInService;
  private boolean poll;

  /**
   * A controller as firmware leaves it: programmed with {@code vectorBase}, everything masked.
   *
   * @param cascadeMask inputs that carry another controller
   * @param changed runs after everything that may change {@link #interruptOutput}
   */
  I8259(int vectorBase, int cascadeMask, Runnable changed) {
    this.vectorBase = vectorBase;
    this.cascadeMask = cascadeMask;
    this.changed = changed;
  }

  /** Drives an input, 0 to 7. */
  void setLine(int input, boolean high) {
    int bit = 1 << input;
    if (high == ((lines & bit) != 0)) {
      return;
    }
    if (high) {
      lines |= bit;
      edgeLatch |= bit;
    } else {
      lines &= ~bit;
      edgeLatch &= ~bit;
    }
    changed.run();
  }

  int levelTriggered() {
    return levelTriggered;
  }

  void setLevelTriggered(int inputs) {
    levelTriggered = inputs;
    changed.run();
  }

  /** The INT pin. */
  boolean interruptOutput() {
    return mostUrgent() != NONE;
  }

  /**
   * The two INTA pulses: moves the most urgent request into service.
   *
   * @return the input taken; {@link #SPURIOUS_INPUT} without taking anything if there is none
   */
  int acknowledge() {
    int input = mostUrgent();
    if (input == NONE) {
      return SPURIOUS_INPUT;
    }
    int bit = 1 << input;
    edgeLatch &= ~bit;
    if (!autoEoi) {
      inService |= bit;
    } else if (rotateOnAutoEoi) {
      lowestPriority = input;
    }
    changed.run();
    return input;
  }

  int vector(int input) {
    return vectorBase | input;
  }

  @Override
  public int readByte(int offset) {
    if (poll) {
      poll = false;
      boolean any = interruptOutput();
      return any ? POLL_INTERRUPT | acknowledge() : 0;
    }
    if (offset != COMMAND) {
      return mask;
    }
    return readInService ? inService : requests();
  }

  @Override
  public void writeByte(int offset, int value) {
    if (offset != COMMAND) {
      writeData(value);
    } else if ((value & ICW1_SELECT) != 0) {
      startInitialization(value);
    } else if ((value & OCW3_SELECT) != 0) {
      writeOcw3(value);
    } else {
      writeOcw2(value >>> 5, value & OCW2_LEVEL);
    }
    changed.run();
  }

  /**
   * IRR: in level mode the line itself; in edge mode until acknowledged, and only while the line
   * stays high.
   */
  private int requests() {
    return lines & (edgeLatch | levelTriggered);
  }

  /** The input that INT stands for, or {@link #NONE}. */
  private int mostUrgent() {
    int candidates = requests() & ~mask;
    if (candidates == 0) {
      return NONE;
    }
    int blocking = inService;
    if (specialMask) {
      // "Special mask mode": a level in service that is masked inhibits nothing.
      blocking &= ~mask;
    }
    if (specialFullyNested) {
      // "Special fully nested mode": a slave in service is not locked out by its own earlier
      // request.
      blocking &= ~cascadeMask;
    }
    for (int step = 1; step <= 8; step++) {
      int input = (lowestPriority + step) & 7;
      int bit = 1 << input;
      if ((blocking & bit) != 0) {
        return NONE;
      }
      if ((candidates & bit) != 0) {
        return input;
      }
    }
    return NONE;
  }

  /** "Initialization command words", steps a to f that every ICW1 causes. */
  private void startInitialization(int icw1) {
    edgeLatch = 0;
    mask = 0;
    inService = 0;
    lowestPriority = 7;
    specialMask = false;
    readInService = false;
    poll = false;
    single = (icw1 & ICW1_SINGLE) != 0;
    needsIcw4 = (icw1 & ICW1_NEEDS_ICW4) != 0;
    autoEoi = false;
    rotateOnAutoEoi = false;
    specialFullyNested = false;
    expecting = Expecting.ICW2;
  }

  private void writeData(int value) {
    switch (expecting) {
      case OPERATION -> mask = value;
      case ICW2 -> {
        vectorBase = value & ICW2_BASE_MASK;
        expecting = single ? afterIcw3() : Expecting.ICW3;
      }
      case ICW3 -> expecting = afterIcw3();
      case ICW4 -> {
        autoEoi = (value & ICW4_AUTO_EOI) != 0;
        specialFullyNested = (value & ICW4_SPECIAL_FULLY_NESTED) != 0;
        expecting = Expecting.OPERATION;
      }
    }
  }

  private Expecting afterIcw3() {
    return needsIcw4 ? Expecting.ICW4 : Expecting.OPERATION;
  }

  private void writeOcw3(int value) {
    if ((value & OCW3_SPECIAL_MASK_COMMAND) != 0) {
      specialMask = (value & OCW3_SPECIAL_MASK) != 0;
    }
    if ((value & OCW3_POLL) != 0) {
      poll = true;
    } else if ((value & OCW3_READ_COMMAND) != 0) {
      readInService = (value & OCW3_READ_ISR) != 0;
    }
  }

  private void writeOcw2(int command, int level) {
    switch (EndOfInterrupt.VALUES[command]) {
      case ROTATE_IN_AUTO_EOI_CLEAR -> rotateOnAutoEoi = false;
      case ROTATE_IN_AUTO_EOI_SET -> rotateOnAutoEoi = true;
      case NON_SPECIFIC -> endHighest(false);
      case ROTATE_ON_NON_SPECIFIC -> endHighest(true);
      case SPECIFIC -> inService &= ~(1 << level);
      case ROTATE_ON_SPECIFIC -> {
        inService &= ~(1 << level);
        lowestPriority = level;
      }
      case SET_PRIORITY -> lowestPriority = level;
      case NO_OPERATION -> {}
    }
  }

  private void endHighest(boolean rotate) {
    // In special mask mode a masked level in service is not cleared by a non-specific EOI.
    int eligible = specialMask ? inService & ~mask : inService;
    for (int step = 1; step <= 8; step++) {
      int input = (lowestPriority + step) & 7;
      if ((eligible & 1 << input) != 0) {
        inService &= ~(1 << input);
        if (rotate) {
          lowestPriority = input;
        }
        return;
      }
    }
  }

  /** OCW2 bits 7 to 5 (R, SL, EOI), in their numeric order. */
  private enum EndOfInterrupt {
    ROTATE_IN_AUTO_EOI_CLEAR,
    NON_SPECIFIC,
    NO_OPERATION,
    SPECIFIC,
    ROTATE_IN_AUTO_EOI_SET,
    ROTATE_ON_NON_SPECIFIC,
    SET_PRIORITY,
    ROTATE_ON_SPECIFIC;

    static final EndOfInterrupt[] VALUES = values();
  }
}
