package dev.monoceros.machine.chipset;

/** The receiver's 16-byte FIFO, or with FIFOs off its single holding register. */
final class UartFifo {
  private static final int DEPTH = 16;
  private static final int[] TRIGGERS = {1, 4, 8, 14};

  private final byte[] bytes = new byte[DEPTH];
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
    bytes[(head + size++) % DEPTH] = (byte) value;
  }

  /** Takes the oldest byte; zero if there is none. */
  int remove() {
    if (size == 0) {
      return 0;
    }
    int value = bytes[head] & 0xff;
    head = (head + 1) % DEPTH;
    size--;
    return value;
  }
}
