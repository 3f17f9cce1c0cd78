package dev.monoceros.machine.pci;

import dev.monoceros.machine.bus.AddressBus;
import dev.monoceros.machine.bus.IoRegion;
import java.util.Objects;

/**
 * The way from the CPU to configuration space: mechanism 1 (PCI 3.0, section 3.2.2.3.2), an address
 * at port 0xcf8 and data at 0xcfc. Also the function 0.0 that operating systems look for.
 */
public final class HostBridge {
  private static final int ADDRESS_PORT = 0xcf8;
  private static final int PORTS = 8;
  private static final int DATA = 4;
  private static final int ADDRESS_SIZE = 4;

  private static final long ENABLE = 0x8000_0000L;
  private static final int BUS_SHIFT = 16;
  private static final int BUS_MASK = 0xff;
  private static final int SLOT_SHIFT = 11;
  private static final int SLOT_MASK = 0x1f;
  private static final int FUNCTION_SHIFT = 8;
  private static final int FUNCTION_MASK = 0x7;
  private static final int REGISTER_MASK = 0xfc;

  /** Reserved bits of the address register read zero. */
  private static final long ADDRESS_BITS = 0x80ff_fffcL;

  private static final long NOBODY = 0xffff_ffffL;

  /** Red Hat's generic host bridge: a plain one that no driver has special rules for. */
  private static final PciIdentity IDENTITY =
      new PciIdentity(0x1b36, 0x0008, 0, 0x060000, 0x1af4, 0x1100);

  private final PciBus bus;
  private final IoRegion beside;
  private long address;

  private HostBridge(PciBus bus, IoRegion beside) {
    this.bus = bus;
    this.beside = beside;
  }

  /**
   * Plugs the bridge into slot 0 and claims its ports.
   *
   * @param resetControl the byte-wide register at 0xcf9, which answers instead of the address
   *     register to anything but doublewords
   */
  public static void attach(PciBus bus, AddressBus ports, IoRegion resetControl) {
    bus.add(0, 0, PciFunction.builder("PCI host bridge", IDENTITY).build());
    HostBridge bridge = new HostBridge(bus, Objects.requireNonNull(resetControl));
    ports.register("PCI configuration", ADDRESS_PORT, PORTS, bridge.new ConfigPorts());
  }

  private PciFunction selected() {
    boolean onThisBus = (address & ENABLE) != 0 && (address >>> BUS_SHIFT & BUS_MASK) == 0;
    return onThisBus
        ? bus.function(
            (int) (address >>> SLOT_SHIFT) & SLOT_MASK,
            (int) (address >>> FUNCTION_SHIFT) & FUNCTION_MASK)
        : null;
  }

  private final class ConfigPorts implements IoRegion {
    /** The offset of port 0xcf9, which only byte-sized accesses reach. */
    private static final int RESET_OFFSET = 1;

    @Override
    public long read(long offset, int size) {
      if (offset < DATA) {
        if (offset == 0 && size == ADDRESS_SIZE) {
          return address;
        }
        return offset == RESET_OFFSET && size == 1 ? beside.read(0, 1) : NOBODY;
      }
      PciFunction function = selected();
      if (function == null || offset + size > PORTS) {
        return NOBODY;
      }
      return function.readConfig(register(offset), size) & NOBODY;
    }

    @Override
    public void write(long offset, int size, long value) {
      if (offset < DATA) {
        if (offset == 0 && size == ADDRESS_SIZE) {
          address = value & ADDRESS_BITS;
        } else if (offset == RESET_OFFSET && size == 1) {
          beside.write(0, 1, value);
        }
        return;
      }
      PciFunction function = selected();
      if (function != null) {
        function.writeConfig(register(offset), size, (int) value);
      }
    }

    private int register(long offset) {
      return (int) (address & REGISTER_MASK) + (int) (offset - DATA);
    }
  }
}
