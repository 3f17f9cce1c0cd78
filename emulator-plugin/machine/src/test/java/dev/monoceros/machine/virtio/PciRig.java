package dev.monoceros.machine.virtio;

import dev.monoceros.machine.bus.AddressBus;
import dev.monoceros.machine.bus.InterruptMessage;
import dev.monoceros.machine.bus.IoRegion;
import dev.monoceros.machine.pci.Ecam;
import dev.monoceros.machine.pci.HostBridge;
import dev.monoceros.machine.pci.IntxRouter;
import dev.monoceros.machine.pci.MmioWindow;
import dev.monoceros.machine.pci.PciBus;
import dev.monoceros.machine.pci.PciFunction;
import dev.monoceros.virtio.blk.BlkOptions;
import dev.monoceros.virtio.blk.LatencyModel;
import dev.monoceros.virtio.blk.VirtioBlock;
import dev.monoceros.virtio.pci.PciCapability;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.ByteGuestMemory;
import dev.monoceros.virtio.testing.DeviceRegisters;
import dev.monoceros.virtio.testing.DriverRing;
import dev.monoceros.virtio.testing.FakeDriver;
import dev.monoceros.virtio.testing.ManualClock;
import dev.monoceros.virtio.testing.MemoryBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * A virtio block device on the machine's PCI bus, with a driver that reaches it by the machine's
 * buses only. DMA without bus mastering fails the test.
 */
final class PciRig {
  static final int COMMAND = 0x04;
  static final int STATUS = 0x06;
  static final int BAR0 = 0x10;
  static final int CAPABILITIES = 0x34;

  static final int MEMORY = 0x0002;
  static final int BUS_MASTER = 0x0004;
  static final int INTERRUPT_DISABLE = 0x0400;
  static final int STATUS_INTERRUPT = 0x0008;
  static final int MSIX = 0x11;

  /** Registers of virtio, and MSI-X's table and pending bits. */
  static final int VIRTIO_BAR = 0;

  static final int MSIX_BAR = 1;

  static final long SECOND = 1_000_000_000;

  /** When a transfer of one sector completes by the default latency model. */
  static final long DUE = 10_128;

  private static final int IRQ = 10;
  private static final int SECTORS = 256;
  private static final long RAM_BASE = 0x10_0000;
  private static final int RAM_BYTES = 1 << 20;
  private static final int MOST_CAPABILITIES = 48;
  private static final int DATA_BYTES = 4096;

  final AddressBus ports = new AddressBus("ports", 0x1_0000);
  final AddressBus mmio = new AddressBus("mmio", 1L << 40);
  final ManualClock clock = new ManualClock();
  final ByteGuestMemory ram = new ByteGuestMemory(RAM_BASE, RAM_BYTES);
  final MemoryBackend backend = new MemoryBackend(SECTORS);
  final VirtioBlock block =
      new VirtioBlock(backend, BlkOptions.DEFAULT, LatencyModel.DEFAULT, clock);

  /** IRQs that are asserted. */
  final TreeSet<Integer> asserted = new TreeSet<>();

  /** MSI-X messages so far. */
  final List<InterruptMessage> messages = new ArrayList<>();

  final PciFunction function;
  final int slot;
  final FakeDriver driver;

  /** How configuration space is reached. */
  ConfigAccess access = ConfigAccess.MEMORY;

  /** Of queue 0, once started. */
  DriverRing ring;

  BlkDriver disk;

  PciRig() {
    IntxRouter router = new IntxRouter(List.of(IRQ), irq -> high -> line(irq, high));
    PciBus bus = new PciBus(mmio, MmioWindow.DEFAULT, router, messages::add);
    HostBridge.attach(bus, ports, new NoReset());
    Ecam.attach(bus, mmio);
    function = VirtioFunction.build("disk", block, new DmaGuard(ram, this::isBusMaster));
    slot = bus.add(function);
    driver = new FakeDriver(registers(), ram, RAM_BASE);
  }

  /** Bus master and live, with all features and a queue of 16. */
  static PciRig started() {
    PciRig rig = new PciRig();
    rig.command(MEMORY | BUS_MASTER);
    return rig.start();
  }

  PciRig start() {
    return use(driver);
  }

  /** Starts the device by another driver. */
  PciRig use(FakeDriver other) {
    ring = other.start(other.offered(), 16);
    disk = new BlkDriver(other, ring, clock, DATA_BYTES);
    return this;
  }

  DeviceRegisters registers() {
    return new BusRegisters(this);
  }

  private boolean isBusMaster() {
    return function.isBusMaster();
  }

  private void line(int irq, boolean high) {
    if (high) {
      asserted.add(irq);
    } else {
      asserted.remove(irq);
    }
  }

  long config(int offset, int size) {
    return access.read(this, offset, size);
  }

  void setConfig(int offset, int size, long value) {
    access.write(this, offset, size, value);
  }

  void command(int bits) {
    setConfig(COMMAND, Short.BYTES, bits);
  }

  /** Whether the interrupt bit of the PCI status register is set. */
  boolean statusInterrupt() {
    return (config(STATUS, Short.BYTES) & STATUS_INTERRUPT) != 0;
  }

  /** What the base address register says, type bits left out. */
  long barAddress(int bar) {
    return config(BAR0 + 4 * bar, Integer.BYTES) & ~0xfL;
  }

  void moveBar(int bar, long address) {
    setConfig(BAR0 + 4 * bar, Integer.BYTES, address);
  }

  /** The capability list in its order; a list without end fails. */
  List<Integer> capabilityOffsets() {
    List<Integer> offsets = new ArrayList<>();
    int at = (int) config(CAPABILITIES, 1);
    while (at != 0) {
      offsets.add(at);
      if (offsets.size() > MOST_CAPABILITIES) {
        throw new AssertionError("the capability list has no end: " + offsets);
      }
      at = (int) config(at + 1, 1);
    }
    return offsets;
  }

  /** Where the capability of an ID is. */
  int capability(int id) {
    return capabilityOffsets().stream().filter(at -> config(at, 1) == id).findFirst().orElseThrow();
  }

  /** The virtio capability of a {@code cfg_type}. */
  PciCapability structure(int type) {
    return registers().capabilities().stream()
        .filter(each -> each.read(3, 1) == type)
        .findFirst()
        .orElseThrow();
  }

  /** Asks for an interrupt, offers a read of one sector and kicks; returns its head. */
  int submitRead(long sector) {
    ring.setUsedEvent(ring.usedIndex());
    int head = ring.chain(disk.request(BlkDriver.T_IN, sector, 512, true));
    ring.submit(head);
    return head;
  }

  /** Reads one sector and leaves the interrupt as it is. */
  void completeOne() {
    submitRead(0);
    disk.await();
    ring.takeUsed();
  }

  /** Port 0xcf9 is not of interest here. */
  private static final class NoReset implements IoRegion {
    @Override
    public long read(long offset, int size) {
      return 0;
    }

    @Override
    public void write(long offset, int size, long value) {
      throw new AssertionError("a reset by port 0xcf9");
    }
  }
}
