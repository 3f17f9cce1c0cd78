package dev.monoceros.virtio.pci;

import java.util.Arrays;

/**
 * Turns notifications into interrupts (4.1.5.3, 4.1.5.4): ISR bits and INTx while MSI-X is off,
 * mapped MSI-X messages while it is on.
 */
final class InterruptRouter {
  /** VIRTIO_MSI_NO_VECTOR: the event is not mapped, or the mapping failed. */
  static final int NO_VECTOR = 0xFFFF;

  private static final int ISR_QUEUE = 1;
  private static final int ISR_CONFIG = 2;

  private final InterruptSink sink;
  private final int[] queueVectors;
  private int configVector = NO_VECTOR;
  private int isr;
  private boolean intx;

  InterruptRouter(InterruptSink sink, int queues) {
    this.sink = sink;
    this.queueVectors = new int[queues];
    Arrays.fill(queueVectors, NO_VECTOR);
  }

  void usedBuffer(int queue) {
    if (sink.msixEnabled()) {
      send(queueVectors[queue]);
    } else {
      isr |= ISR_QUEUE;
      updateIntx();
    }
  }

  void configChange() {
    // 4.1.4.5.1: the bit is set before the notification is sent, also with MSI-X.
    isr |= ISR_CONFIG;
    if (sink.msixEnabled()) {
      send(configVector);
    } else {
      updateIntx();
    }
  }

  private void send(int vector) {
    if (vector != NO_VECTOR) {
      sink.msix(vector);
    }
  }

  /** A read of the ISR status: clears it and drops INTx (4.1.4.5.1). */
  int readIsr() {
    int value = isr;
    isr = 0;
    updateIntx();
    return value;
  }

  boolean pending() {
    return isr != 0;
  }

  /** To be called too when MSI-X is switched on or off: INTx is only driven while it is off. */
  void updateIntx() {
    boolean level = isr != 0 && !sink.msixEnabled();
    if (level != intx) {
      intx = level;
      sink.intx(level);
    }
  }

  int configVector() {
    return configVector;
  }

  void setConfigVector(long vector) {
    int before = configVector;
    configVector = valid(vector);
    withdraw(before);
  }

  int queueVector(long queue) {
    return queue < queueVectors.length ? queueVectors[(int) queue] : NO_VECTOR;
  }

  void setQueueVector(long queue, long vector) {
    if (queue < queueVectors.length) {
      int before = queueVectors[(int) queue];
      queueVectors[(int) queue] = valid(vector);
      withdraw(before);
    }
  }

  /** 4.1.5.1.2: no message for an event that is not mapped any more, not even a pending one. */
  private void withdraw(int vector) {
    boolean used = vector == configVector;
    for (int other : queueVectors) {
      used |= vector == other;
    }
    if (vector != NO_VECTOR && !used) {
      sink.withdraw(vector);
    }
  }

  /** 4.1.5.1.2: a mapping that cannot be made reads back as NO_VECTOR. */
  private int valid(long vector) {
    return vector < sink.msixVectors() ? (int) vector : NO_VECTOR;
  }

  void reset() {
    isr = 0;
    setConfigVector(NO_VECTOR);
    for (int i = 0; i < queueVectors.length; i++) {
      setQueueVector(i, NO_VECTOR);
    }
    updateIntx();
  }
}
