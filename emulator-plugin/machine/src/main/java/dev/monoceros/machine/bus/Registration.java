package dev.monoceros.machine.bus;

/** A claimed range of a bus. Closing it gives the range back; closing twice does nothing. */
public final class Registration implements AutoCloseable {
  final AddressBus bus;
  final String name;
  final long base;
  final long length;
  final IoRegion region;

  Registration(AddressBus bus, String name, long base, long length, IoRegion region) {
    this.bus = bus;
    this.name = name;
    this.base = base;
    this.length = length;
    this.region = region;
  }

  /** The first address. */
  public long base() {
    return base;
  }

  /** The length in bytes. */
  public long length() {
    return length;
  }

  /** Whose range it is, for messages. */
  public String name() {
    return name;
  }

  @Override
  public void close() {
    bus.unregister(this);
  }

  boolean contains(long address) {
    return Long.compareUnsigned(address - base, length) < 0;
  }

  boolean contains(long address, int size) {
    long offset = address - base;
    return offset >= 0 && offset <= length - size;
  }

  @Override
  public String toString() {
    return "%s at 0x%x-0x%x".formatted(name, base, base + length - 1);
  }
}
