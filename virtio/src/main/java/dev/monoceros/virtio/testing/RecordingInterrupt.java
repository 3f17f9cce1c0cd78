package dev.monoceros.virtio.testing;

import dev.monoceros.virtio.mmio.InterruptPin;
import dev.monoceros.virtio.pci.InterruptSink;

/**
 * An interrupt controller that only remembers: the level of INTx or of an MMIO window's pin, its
 * edges, MSI-X messages.
 */
public final class RecordingInterrupt implements InterruptSink, InterruptPin {
  private final long[] messages;
  private boolean msixEnabled;
  private boolean asserted;
  private long assertions;

  /** A function without MSI-X. */
  public RecordingInterrupt() {
    this(0);
  }

  /** A function with {@code msixVectors} MSI-X vectors, MSI-X switched off. */
  public RecordingInterrupt(int msixVectors) {
    this.messages = new long[msixVectors];
  }

  /** Switches MSI-X; tell the transport with {@code msixToggled()}. */
  public void enableMsix(boolean on) {
    msixEnabled = on;
  }

  /** The level of INTx. */
  public boolean isAsserted() {
    return asserted;
  }

  /** How many times INTx has gone from low to high. */
  public long assertions() {
    return assertions;
  }

  /** How many messages {@code vector} has sent. */
  public long messages(int vector) {
    return messages[vector];
  }

  @Override
  public void intx(boolean level) {
    if (level == asserted) {
      throw new IllegalStateException("INTx already is " + level);
    }
    asserted = level;
    assertions += level ? 1 : 0;
  }

  @Override
  public void set(boolean level) {
    intx(level);
  }

  @Override
  public int msixVectors() {
    return messages.length;
  }

  @Override
  public boolean msixEnabled() {
    return msixEnabled;
  }

  @Override
  public void msix(int vector) {
    messages[vector]++;
  }
}
