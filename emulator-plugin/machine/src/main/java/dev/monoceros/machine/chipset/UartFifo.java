package dev.monoceros.machine.chipset;

/**
 * The receiver's 16-byte FIFO, or with FIFOs off its single holding register. A break is a zero
 * with a mark, which shows once that zero is the oldest byte (data sheet, section 8.4, bit 4).
 */
final class UartFifo {
  private static final int DEPTH = 16;
  private static final int[] TRIGGERS = {1, 4, 8, 14};

  private static final int BREAK = 0x100;

  private final short[] entries = new short[DEPTH];
  private int head;
  private int size;
  private int depth = 1;
  private int trigger = 1;

  /**
   * Sets FIFO mode and the trigger level field (FCR bits 7 and 6); changing the mode empties it.
   */
  void configure(boolean fifos, int triggerField) {
    int newDepth = fifos ? DEPTH : 1;
    if (newDepth != depth) {
      clear();
    }
    depth = newDepth;
    trigger = fifos ? TRIGGERS[triggerField] : 1;
  }

  void clear() {
    head = 0;
    size = 0;
  }

  boolean isEmpty() {
    return size == 0;
  }

  boolean isFull() {
    return size == depth;
  }

  boolean hasReachedTrigger() {
    return size >= trigger;
  }

  void add(int value) {
    entries[(head + size++) % DEPTH] = (short) (value & 0xff);
  }

  void addBreak() {
    entries[(head + size++) % DEPTH] = BREAK;
  }

  /** Whether the oldest byte is a break that has not been acknowledged. */
  boolean breakIsNext() {
    return size > 0 && isBreak(0);
  }

  /** Whether there is one anywhere. */
  boolean hasBreak() {
    for (int i = 0; i < size; i++) {
      if (isBreak(i)) {
        return true;
      }
    }
    return false;
  }

  private boolean isBreak(int index) {
    return (entries[(head + index) % DEPTH] & BREAK) != 0;
  }

  /** Leaves the zero of the oldest break, without its mark. */
  void acknowledgeBreak() {
    if (size > 0) {
      entries[head] = (short) (entries[head] & 0xff);
    }
  }

  /** Takes the oldest byte; zero if there is none. */
  int remove() {
    if (size == 0) {
      return 0;
    }
    int value = entries[head] & 0xff;
    head = (head + 1) % DEPTH;
    size--;
    return value;
  }
}
