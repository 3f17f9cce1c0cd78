package dev.monoceros.machine.pci;

import dev.monoceros.machine.bus.AddressBus;
import dev.monoceros.machine.bus.IoRegion;
import java.util.Objects;

/**
 * Configuration space in memory, the enhanced configuration access mechanism (PCI Express Base 3.0,
 * section 7.2.2): 4 KiB for each function of bus 0. Functions here have the 256 bytes of
 * conventional PCI; what lies beyond reads all ones.
 */
public final class Ecam implements IoRegion {
  /** Physical address of function 0.0. */
  public static final long BASE = 0xe000_0000L;

  /** The one bus there is. */
  public static final int LAST_BUS = 0;

  /** Bytes of configuration space in memory. */
  public static final long LENGTH = 1L << 20;

  private static final int FUNCTION_SHIFT = 12;
  private static final int REGISTER_MASK = 0xfff;

  private final PciBus bus;

  private Ecam(PciBus bus) {
    this.bus = Objects.requireNonNull(bus);
  }

  /** Claims the range. */
  public static void attach(PciBus bus, AddressBus mmio) {
    mmio.register("PCI configuration", BASE, LENGTH, new Ecam(bus));
  }

  @Override
  public long read(long offset, int size) {
    int step = step(offset, size);
    long value = 0;
    for (int i = 0; i < size; i += step) {
      value |= (readOne(offset + i, step) & mask(step)) << i * Byte.SIZE;
    }
    return value;
  }

  @Override
  public void write(long offset, int size, long value) {
    int step = step(offset, size);
    for (int i = 0; i < size; i += step) {
      PciFunction function = function(offset + i);
      int register = (int) (offset + i) & REGISTER_MASK;
      if (function != null && register < ConfigBytes.SIZE) {
        function.writeConfig(register, step, (int) (value >>> i * Byte.SIZE & mask(step)));
      }
    }
  }

  /** The widest piece, up to a doubleword, in which this access stays aligned. */
  private static int step(long offset, int size) {
    int wide = Math.min(size, Integer.BYTES);
    return offset % wide == 0 ? wide : 1;
  }

  private static long mask(int size) {
    return (1L << size * Byte.SIZE) - 1;
  }

  private long readOne(long offset, int size) {
    PciFunction function = function(offset);
    int register = (int) offset & REGISTER_MASK;
    return function == null || register >= ConfigBytes.SIZE
        ? -1
        : function.readConfig(register, size);
  }

  private PciFunction function(long offset) {
    int number = (int) (offset >>> FUNCTION_SHIFT);
    return bus.function(number / PciBus.FUNCTIONS, number % PciBus.FUNCTIONS);
  }
}
