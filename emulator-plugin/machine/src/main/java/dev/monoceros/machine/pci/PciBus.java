package dev.monoceros.machine.pci;

import dev.monoceros.machine.bus.AddressBus;
import dev.monoceros.machine.bus.InterruptMessages;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * PCI bus 0: up to 32 slots with up to 8 functions each. Gives every function its BAR addresses and
 * its interrupt when it is added. Belongs to the vCPU thread.
 */
public final class PciBus {
  /** Number of slots. */
  public static final int SLOTS = 32;

  /** Functions of a slot. */
  public static final int FUNCTIONS = 8;

  private static final int NO_IRQ = 0xff;

  private final AddressBus mmio;
  private final MmioWindow window;
  private final IntxRouter router;
  private final InterruptMessages messages;
  private final PciFunction[] functions = new PciFunction[SLOTS * FUNCTIONS];
  private final List<PciFunction> inOrder = new ArrayList<>();
  private long nextFree;

  /**
   * An empty bus whose BARs are registered on {@code mmio}.
   *
   * @param messages where message-signalled interrupts go
   */
  public PciBus(AddressBus mmio, MmioWindow window, IntxRouter router, InterruptMessages messages) {
    this.messages = Objects.requireNonNull(messages);
    this.mmio = Objects.requireNonNull(mmio);
    this.window = Objects.requireNonNull(window);
    this.router = Objects.requireNonNull(router);
    this.nextFree = window.base();
  }

  /**
   * Plugs {@code function} into the lowest free slot.
   *
   * @return the slot
   * @throws IllegalStateException if there is none, or no room in the MMIO window
   */
  public int add(PciFunction function) {
    for (int slot = 0; slot < SLOTS; slot++) {
      if (isEmpty(slot)) {
        add(slot, 0, function);
        return slot;
      }
    }
    throw new IllegalStateException("no free PCI slot for " + function.name());
  }

  /**
   * Plugs {@code function} in at a place of the caller's choice. Function 0 of a slot must be there
   * for the others to be seen.
   *
   * @param slot 0 to 31
   * @param number 0 to 7
   * @throws IllegalStateException if the place is taken, or there is no room in the MMIO window
   */
  public void add(int slot, int number, PciFunction function) {
    int place = slot * FUNCTIONS + number;
    if (slot < 0 || slot >= SLOTS || number < 0 || number >= FUNCTIONS) {
      throw new IllegalArgumentException("there is no PCI function %d.%d".formatted(slot, number));
    }
    if (functions[place] != null) {
      throw new IllegalStateException(
          "PCI function %d.%d is %s already; no room for %s"
              .formatted(slot, number, functions[place].name(), function.name()));
    }
    assignBars(function);
    functions[place] = function;
    inOrder.add(function);
    if (number != 0 && functions[slot * FUNCTIONS] != null) {
      markMultiFunction(functions[slot * FUNCTIONS]);
    } else if (number == 0 && !isAlone(slot)) {
      markMultiFunction(function);
    }
    int pin = function.interruptPin();
    if (pin == 0) {
      function.connect(asserted -> {}, NO_IRQ, messages, this::remap);
    } else {
      function.connect(router.connect(slot, pin), router.irq(slot, pin), messages, this::remap);
    }
    remap();
  }

  /** Where BARs may lie. */
  public MmioWindow window() {
    return window;
  }

  /** How INTx pins are wired. */
  public IntxRouter router() {
    return router;
  }

  /** The function at a place, or null. */
  public PciFunction function(int slot, int number) {
    return functions[slot * FUNCTIONS + number];
  }

  /**
   * Gives every BAR its naturally aligned address and turns memory decoding on, as firmware would.
   */
  private void assignBars(PciFunction function) {
    long free = nextFree;
    for (Bar bar : function.bars()) {
      long address = alignUp(free, bar.size);
      if (address > window.end() - bar.size) {
        throw new IllegalStateException(
            "no room in the PCI memory window for BAR %d of %s"
                .formatted(bar.slot, function.name()));
      }
      bar.setAddress(function.config(), address);
      free = address + bar.size;
    }
    nextFree = free;
    if (!function.bars().isEmpty()) {
      function.config().set16(PciFunction.COMMAND, PciFunction.COMMAND_MEMORY);
    }
  }

  /**
   * Brings the MMIO bus in step with all BARs: first what must go, so that a range given up in the
   * same step can be taken by another.
   */
  private void remap() {
    for (PciFunction function : inOrder) {
      function.unmapStale();
    }
    for (PciFunction function : inOrder) {
      function.mapFree(mmio);
    }
  }

  private boolean isEmpty(int slot) {
    return Arrays.stream(functions, slot * FUNCTIONS, (slot + 1) * FUNCTIONS)
        .allMatch(Objects::isNull);
  }

  private boolean isAlone(int slot) {
    return Arrays.stream(functions, slot * FUNCTIONS, (slot + 1) * FUNCTIONS)
            .filter(Objects::nonNull)
            .count()
        == 1;
  }

  private static void markMultiFunction(PciFunction first) {
    ConfigBytes config = first.config();
    config.set8(
        PciFunction.HEADER_TYPE, config.get8(PciFunction.HEADER_TYPE) | PciFunction.MULTI_FUNCTION);
  }

  private static long alignUp(long address, long alignment) {
    return address + alignment - 1 & -alignment;
  }
}
