package dev.monoceros.machine.pci;

import dev.monoceros.machine.bus.IoRegion;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Puts a {@link PciFunction} together. Every mistake here is the device author's and throws at
 * once.
 */
public final class PciFunctionBuilder {
  private static final int BAR_SLOTS = 6;
  private static final int BAR_MINIMUM = 16;
  private static final int CAPABILITY_HEADER = 2;
  private static final int INTA = 1;
  private static final int CACHE_LINE_SIZE = 0x0c;

  private final String name;
  private final ConfigBytes config = new ConfigBytes();
  private final List<Bar> bars = new ArrayList<>();
  private final List<Capability> capabilities = new ArrayList<>();
  private int nextCapability = PciFunction.FIRST_CAPABILITY;
  private Optional<Msix> msix = Optional.empty();
  private Consumer<Boolean> busMaster = on -> {};

  /** The byte that must point to the next capability. */
  private int link = PciFunction.CAPABILITIES_POINTER;

  PciFunctionBuilder(String name, PciIdentity identity) {
    this.name = Objects.requireNonNull(name);
    config.set16(PciFunction.VENDOR_ID, identity.vendor());
    config.set16(PciFunction.DEVICE_ID, identity.device());
    config.set32(PciFunction.REVISION, identity.classCode() << 8 | identity.revision());
    config.set16(PciFunction.SUBSYSTEM_VENDOR, identity.subsystemVendor());
    config.set16(PciFunction.SUBSYSTEM, identity.subsystem());
    config.allow16(PciFunction.COMMAND, PciFunction.COMMAND_WRITABLE);
    // Cache line size and latency timer are kept for the driver's sake.
    config.allow16(CACHE_LINE_SIZE, 0xffff);
    config.allow8(PciFunction.INTERRUPT_LINE, 0xff);
  }

  /**
   * Adds a memory BAR.
   *
   * @param slot 0 to 5; a 64-bit BAR takes {@code slot + 1} too
   * @param size in bytes, a power of two, at least 16; at most 2 GiB for a 32-bit BAR
   * @param region the registers behind it
   */
  public PciFunctionBuilder bar(int slot, BarKind kind, long size, IoRegion region) {
    Objects.requireNonNull(region);
    if (slot < 0 || slot + kind.slots > BAR_SLOTS) {
      throw new IllegalArgumentException(
          "%s: no room for a %s BAR at slot %d".formatted(name, kind, slot));
    }
    if (size < BAR_MINIMUM || Long.bitCount(size) != 1 || (kind.slots == 1 && size > 1L << 31)) {
      throw new IllegalArgumentException(
          "%s: a %s BAR cannot have 0x%x bytes".formatted(name, kind, size));
    }
    for (Bar other : bars) {
      if (slot < other.slot + other.kind.slots && other.slot < slot + kind.slots) {
        throw new IllegalArgumentException("%s: BAR slot %d is taken".formatted(name, slot));
      }
    }
    Bar bar = new Bar(slot, kind, size, region);
    bar.describe(config);
    bars.add(bar);
    return this;
  }

  /**
   * Appends a capability to the list.
   *
   * @param id capability ID, 8 bits
   * @param body what follows the two header bytes
   * @param writable for each byte of {@code body} the bits that a driver may write; a shorter array
   *     leaves the rest read-only
   * @param hook what touching it does
   */
  public PciFunctionBuilder capability(int id, byte[] body, byte[] writable, CapabilityHook hook) {
    int length = CAPABILITY_HEADER + body.length;
    if (id >>> 8 != 0
        || writable.length > body.length
        || nextCapability + length > ConfigBytes.SIZE) {
      throw new IllegalArgumentException(
          "%s: capability %d of %d bytes at 0x%x".formatted(name, id, length, nextCapability));
    }
    int offset = nextCapability;
    config.set8(link, offset);
    config.set8(offset, id);
    link = offset + 1;
    config.put(offset + CAPABILITY_HEADER, body);
    for (int i = 0; i < writable.length; i++) {
      config.allow8(offset + CAPABILITY_HEADER + i, writable[i]);
    }
    capabilities.add(new Capability(offset, config.view(offset, length), hook));
    // Capabilities start at doublewords: PCI 3.0, section 6.7.
    nextCapability = offset + length + 3 & ~3;
    config.set16(PciFunction.STATUS, PciFunction.STATUS_CAPABILITIES);
    return this;
  }

  /**
   * Gives the function message-signalled interrupts: the MSI-X capability, and a 32-bit BAR for its
   * table and pending bits.
   *
   * @param barSlot of that BAR, 0 to 5
   * @param vectors 1 to {@link Msix#MOST_VECTORS}
   * @param toggled runs when a driver switches MSI-X on or off
   */
  public PciFunctionBuilder msix(int barSlot, int vectors, Runnable toggled) {
    Msix made = new Msix(vectors, toggled);
    msix = Optional.of(made);
    bar(barSlot, BarKind.MEMORY_32, Msix.BAR_SIZE, made.registers());
    return capability(
        Msix.CAPABILITY, made.capabilityBody(barSlot), Msix.writableBits(), made.hook());
  }

  /** Gives the function the interrupt pin INTA#. */
  public PciFunctionBuilder interruptPin() {
    config.set8(PciFunction.INTERRUPT_PIN, INTA);
    return this;
  }

  /**
   * Tells a device that reads or writes guest memory whether it may (PCI 3.0, section 6.2.2, bit
   * 2). It may not before it is told.
   *
   * @param toggled runs whenever a driver switches bus mastering on or off
   */
  public PciFunctionBuilder busMaster(Consumer<Boolean> toggled) {
    busMaster = Objects.requireNonNull(toggled);
    return this;
  }

  /** The finished function. The builder must not be used again. */
  public PciFunction build() {
    return new PciFunction(name, config, bars, capabilities, msix, busMaster);
  }
}
