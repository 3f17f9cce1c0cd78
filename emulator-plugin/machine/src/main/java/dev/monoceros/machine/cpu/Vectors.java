package dev.monoceros.machine.cpu;

/** Exception vectors and their classes, SDM 6.3 and 6.15. */
final class Vectors {
  static final int DE = 0;
  static final int DB = 1;
  static final int NMI = 2;
  static final int BP = 3;
  static final int OF = 4;
  static final int UD = 6;
  static final int DF = 8;
  static final int TS = 10;
  static final int NP = 11;
  static final int SS = 12;
  static final int GP = 13;
  static final int PF = 14;
  static final int AC = 17;

  /** Bit 0 of an error code: the event came from outside the program (SDM 6.13). */
  static final int EXT = 1;

  /** Bit 1 of an error code: the index names an IDT gate. */
  static final int IDT = 2;

  private Vectors() {}

  static boolean hasErrorCode(int vector) {
    return vector == DF || vector >= TS && vector <= PF || vector == AC;
  }

  static boolean contributory(int vector) {
    return vector == DE || vector >= TS && vector <= GP;
  }

  /**
   * Whether {@code second}, raised while {@code first} is delivered, makes a double fault (table
   * 6-5).
   */
  static boolean makesDoubleFault(int first, int second) {
    if (first == PF) {
      return second == PF || contributory(second);
    }
    return contributory(first) && contributory(second);
  }
}
