package dev.monoceros.machine.pci;

import dev.monoceros.machine.bus.AddressBus;
import dev.monoceros.machine.bus.IoRegion;
import dev.monoceros.machine.bus.Registration;

/**
 * One base address register and the registers behind it. Writing all ones and reading back tells
 * the size, because the bits below it are read-only zeroes.
 */
final class Bar {
  /** Offset of BAR 0 in configuration space; each slot has four bytes. */
  static final int FIRST_OFFSET = 0x10;

  private static final int SLOT_BYTES = 4;

  /** The bits of a memory BAR that announce its kind. */
  private static final int TYPE_BITS = 0xf;

  final int slot;
  final BarKind kind;
  final long size;
  private final IoRegion region;
  private Registration mapping;

  Bar(int slot, BarKind kind, long size, IoRegion region) {
    this.slot = slot;
    this.kind = kind;
    this.size = size;
    this.region = region;
  }

  int offset() {
    return FIRST_OFFSET + slot * SLOT_BYTES;
  }

  void describe(ConfigBytes config) {
    config.set32(offset(), kind.typeBits);
    long writable = -size;
    config.allow32(offset(), (int) writable);
    if (kind.slots == 2) {
      config.allow32(offset() + SLOT_BYTES, (int) (writable >>> 32));
    }
  }

  void setAddress(ConfigBytes config, long address) {
    config.set32(offset(), (int) address | kind.typeBits);
    if (kind.slots == 2) {
      config.set32(offset() + SLOT_BYTES, (int) (address >>> 32));
    }
  }

  /** Where the register says the range is; negative for the upper half of the 64-bit space. */
  long address(ConfigBytes config) {
    long low = config.get32(offset()) & ~TYPE_BITS & 0xffff_ffffL;
    return kind.slots == 2 ? low | (long) config.get32(offset() + SLOT_BYTES) << 32 : low;
  }

  boolean isMapped() {
    return mapping != null;
  }

  /**
   * Takes the range off the bus if it is no longer where the register says, or not decoded any
   * more.
   */
  void unmapIfStale(ConfigBytes config, boolean decoded) {
    if (mapping != null && (!decoded || mapping.base() != address(config))) {
      mapping.close();
      mapping = null;
    }
  }

  /**
   * Puts the range on the bus unless another device is there: of two devices on one address the
   * first one answers.
   */
  void mapIfFree(ConfigBytes config, AddressBus mmio, String owner) {
    long address = address(config);
    // Address zero is a BAR that nobody has assigned.
    if (mapping == null && address != 0 && mmio.isFree(address, size)) {
      mapping = mmio.register(owner + " BAR " + slot, address, size, region);
    }
  }
}
