package dev.monoceros.machine.pci;

import dev.monoceros.machine.bus.InterruptMessage;
import dev.monoceros.machine.bus.InterruptMessages;
import dev.monoceros.machine.bus.IoRegion;
import java.nio.ByteBuffer;
import java.util.BitSet;

/**
 * MSI-X of one function (PCI 3.0, section 6.8.2): the capability's message control, and the vector
 * table and pending bits in a BAR of their own. A vector that is masked when it is to be sent is
 * pending, and is sent when the mask goes.
 */
public final class Msix {
  /** Capability ID. */
  static final int CAPABILITY = 0x11;

  /** Most vectors that a table can have here: what fits the lower half of the BAR. */
  public static final int MOST_VECTORS = 128;

  /** Size of the BAR in bytes: the table in its lower half, the pending bits in the upper one. */
  static final int BAR_SIZE = 0x1000;

  private static final int PENDING_BITS = BAR_SIZE / 2;
  private static final int ENTRY = 16;
  private static final int ADDRESS = 0;
  private static final int ADDRESS_HIGH = 4;
  private static final int DATA = 8;
  private static final int VECTOR_CONTROL = 12;
  private static final int VECTOR_MASKED = 1;

  /** Offsets within the capability, which starts with its ID and the link to the next. */
  private static final int CONTROL = 2;

  private static final int CONTROL_ENABLE = 1 << 15;
  private static final int CONTROL_FUNCTION_MASK = 1 << 14;

  private final int vectors;
  private final int[] addressLow;
  private final int[] addressHigh;
  private final int[] data;
  private final BitSet masked = new BitSet();
  private final BitSet pending = new BitSet();
  private final Runnable toggled;
  private InterruptMessages bus = message -> {};
  private PciFunction function;
  private boolean enabled;
  private boolean functionMasked;

  /**
   * @param vectors how many, 1 to {@link #MOST_VECTORS}
   * @param toggled runs when a driver switches MSI-X on or off
   */
  Msix(int vectors, Runnable toggled) {
    if (vectors < 1 || vectors > MOST_VECTORS) {
      throw new IllegalArgumentException("an MSI-X table of " + vectors + " vectors");
    }
    this.vectors = vectors;
    this.toggled = toggled;
    addressLow = new int[vectors];
    addressHigh = new int[vectors];
    data = new int[vectors];
    masked.set(0, vectors);
  }

  /** The capability behind its two header bytes: message control, table and pending bits. */
  byte[] capabilityBody(int barSlot) {
    int control = vectors - 1;
    int pendingBits = PENDING_BITS | barSlot;
    return new byte[] {
      (byte) control,
      (byte) (control >>> 8),
      (byte) barSlot,
      0,
      0,
      0,
      (byte) pendingBits,
      (byte) (pendingBits >>> 8),
      0,
      0
    };
  }

  /** The bits of {@link #capabilityBody} that a driver may write. */
  static byte[] writableBits() {
    return new byte[] {0, (byte) ((CONTROL_ENABLE | CONTROL_FUNCTION_MASK) >>> 8)};
  }

  CapabilityHook hook() {
    return new CapabilityHook() {
      @Override
      public void afterWrite(int offset, int size, ByteBuffer registers) {
        control(registers.getShort(CONTROL));
      }
    };
  }

  IoRegion registers() {
    return new Registers();
  }

  void connect(PciFunction owner, InterruptMessages messages) {
    this.function = owner;
    this.bus = messages;
  }

  /** How many vectors there are. */
  public int vectors() {
    return vectors;
  }

  /** Whether the driver has switched MSI-X on; INTx must be quiet then. */
  public boolean enabled() {
    return enabled;
  }

  /**
   * Sends the message of a vector, or marks it pending while it is masked. Nothing happens while
   * MSI-X is off.
   */
  public void send(int vector) {
    if (!enabled) {
      return;
    }
    if (functionMasked || masked.get(vector) || !function.isBusMaster()) {
      pending.set(vector);
      return;
    }
    pending.clear(vector);
    // The upper half of the address is 0 for every address that interrupts a CPU here.
    long address = Integer.toUnsignedLong(addressLow[vector]);
    if (addressHigh[vector] == 0 && InterruptMessage.isMessageAddress(address)) {
      bus.send(InterruptMessage.ofMsi(address, data[vector]));
    }
  }

  /** What a message would tell of is gone: not sent any more if it is pending (6.8.3.5). */
  public void withdraw(int vector) {
    pending.clear(vector);
  }

  private void control(int value) {
    boolean before = enabled;
    enabled = (value & CONTROL_ENABLE) != 0;
    functionMasked = (value & CONTROL_FUNCTION_MASK) != 0;
    if (enabled != before) {
      toggled.run();
    }
    sendPending();
  }

  /** To be called when anything that held messages back may have gone. */
  void sendPending() {
    if (!enabled || functionMasked) {
      return;
    }
    for (int v = pending.nextSetBit(0); v >= 0; v = pending.nextSetBit(v + 1)) {
      send(v);
    }
  }

  private int readWord(int offset) {
    if (offset >= PENDING_BITS) {
      int first = (offset - PENDING_BITS) * Byte.SIZE;
      int word = 0;
      for (int i = 0; i < Integer.SIZE; i++) {
        word |= pending.get(first + i) ? 1 << i : 0;
      }
      return word;
    }
    int vector = offset / ENTRY;
    if (vector >= vectors) {
      return 0;
    }
    return switch (offset % ENTRY) {
      case ADDRESS -> addressLow[vector];
      case ADDRESS_HIGH -> addressHigh[vector];
      case DATA -> data[vector];
      default -> masked.get(vector) ? VECTOR_MASKED : 0;
    };
  }

  private void writeWord(int offset, int value) {
    int vector = offset / ENTRY;
    if (vector >= vectors) {
      return; // the pending bits are read-only
    }
    switch (offset % ENTRY) {
      case ADDRESS -> addressLow[vector] = value & ~3;
      case ADDRESS_HIGH -> addressHigh[vector] = value;
      case DATA -> data[vector] = value;
      case VECTOR_CONTROL -> {
        masked.set(vector, (value & VECTOR_MASKED) != 0);
        sendPending();
      }
      default -> {}
    }
  }

  /** Section 6.8.2: aligned accesses of 4 and 8 bytes; others are undefined. */
  private final class Registers implements IoRegion {
    @Override
    public long read(long offset, int size) {
      int at = (int) offset & -Integer.BYTES;
      long value = Integer.toUnsignedLong(readWord(at));
      if (size > Integer.BYTES && at + Integer.BYTES < BAR_SIZE) {
        value |= (long) readWord(at + Integer.BYTES) << Integer.SIZE;
      }
      return value >>> (offset - at) * Byte.SIZE;
    }

    @Override
    public void write(long offset, int size, long value) {
      if (offset % Integer.BYTES != 0 || size < Integer.BYTES) {
        return;
      }
      writeWord((int) offset, (int) value);
      if (size > Integer.BYTES && offset + Integer.BYTES < BAR_SIZE) {
        writeWord((int) offset + Integer.BYTES, (int) (value >>> Integer.SIZE));
      }
    }
  }
}
