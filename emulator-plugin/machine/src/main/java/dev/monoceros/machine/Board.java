package dev.monoceros.machine;

import dev.monoceros.machine.block.BlockDevices;
import dev.monoceros.machine.block.Disk;
import dev.monoceros.machine.block.Disks;
import dev.monoceros.machine.block.VirtioBlkPlugin;
import dev.monoceros.machine.boot.BootException;
import dev.monoceros.machine.boot.BootFile;
import dev.monoceros.machine.boot.BootSource;
import dev.monoceros.machine.boot.BootState;
import dev.monoceros.machine.boot.LinuxBoot;
import dev.monoceros.machine.boot.LinuxBootConfig;
import dev.monoceros.machine.boot.PhysicalMemory;
import dev.monoceros.machine.boot.PvhBoot;
import dev.monoceros.machine.boot.PvhState;
import dev.monoceros.machine.bus.AddressBus;
import dev.monoceros.machine.bus.InterruptLine;
import dev.monoceros.machine.bus.MmioSlots;
import dev.monoceros.machine.chipset.Chipset;
import dev.monoceros.machine.chipset.ConsoleSink;
import dev.monoceros.machine.chipset.ConsoleSource;
import dev.monoceros.machine.chipset.MachineControl;
import dev.monoceros.machine.chipset.SerialLine;
import dev.monoceros.machine.chipset.SerialPort;
import dev.monoceros.machine.chipset.acpi.AcpiConfig;
import dev.monoceros.machine.chipset.acpi.AcpiTables;
import dev.monoceros.machine.cpu.Cpu;
import dev.monoceros.machine.cpu.PhysicalRam;
import dev.monoceros.machine.cpu.ProtectedState;
import dev.monoceros.machine.cpu.StartState;
import dev.monoceros.machine.pci.Ecam;
import dev.monoceros.machine.pci.HostBridge;
import dev.monoceros.machine.pci.IntxRouter;
import dev.monoceros.machine.pci.MmioWindow;
import dev.monoceros.machine.pci.PciBus;
import dev.monoceros.machine.plugin.DeviceConfig;
import dev.monoceros.machine.plugin.DeviceContext;
import dev.monoceros.machine.plugin.DevicePlugins;
import dev.monoceros.machine.plugin.PluginException;
import dev.monoceros.machine.time.EventQueue;
import dev.monoceros.machine.time.VirtualClock;
import dev.monoceros.machine.virtio.RandomStream;
import dev.monoceros.machine.virtio.VirtioRngPlugin;
import dev.monoceros.machine.virtio.VirtioTransport;
import dev.monoceros.unicorn.UnicornException;
import dev.monoceros.unicorn.UnicornLibrary;
import dev.monoceros.virtio.blk.BlkCounts;
import dev.monoceros.virtio.memory.GuestMemory;
import dev.monoceros.virtio.rng.RngBackend;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** One power-on of a machine: CPU, RAM, chipset and devices, from reset to the end of that boot. */
final class Board implements DeviceContext, AutoCloseable {
  /** Level-triggered interrupts of PCI devices. */
  private static final List<Integer> PCI_IRQS = List.of(10, 11);

  /** Beyond the event timers; below the local APIC. */
  private static final long MMIO_SLOTS = 0xfed5_0000L;

  private static final long MMIO_SLOTS_END = 0xfed6_0000L;

  /** Level-triggered interrupt of all devices in slots. */
  private static final int MMIO_IRQ = 5;

  private static final int PIT_CONTROL = 0x43;
  private static final int PIT_CHANNEL_0 = 0x40;
  private static final int PIT_CHANNEL_0_MODE_3 = 0x36;
  private static final int SEED_BYTES = 32;

  private final MachineConfig config;
  private final PhysicalRam ram;
  private final Cpu cpu;
  private final EventQueue events;
  private final AddressBus mmio = new AddressBus("memory", 1L << 32);
  private final AddressBus ports = new AddressBus("I/O ports", 1 << 16);
  private final Chipset chipset;
  private final PciBus pci;
  private final IntxRouter router;
  private final MmioSlots slots;
  private final Map<Class<?>, Object> services = new java.util.LinkedHashMap<>();
  private final Map<String, Supplier<BlkCounts>> blockDevices = new TreeMap<>();
  private final Map<String, Runnable> capacityChanges = new TreeMap<>();
  private final Deque<AutoCloseable> resources = new ArrayDeque<>();

  Board(
      MachineConfig config,
      UnicornLibrary library,
      Instant rtc,
      Map<String, Disk> disks,
      MachineControl control,
      ConsoleSink console,
      ConsoleSource input)
      throws MachineException {
    this.config = config;
    this.ram = allocate(config.memoryBytes());
    resources.push(ram);
    try {
      cpu = new Cpu(library, ram, rdrand());
      resources.push(cpu);
      events = new EventQueue(cpu);
      chipset =
          Chipset.build(
              ports,
              mmio,
              events,
              control,
              new Chipset.Config(rtc, config.debugExitPort(), serial(config, console, input)));
      cpu.connect(events, chipset.localApic(), mmio, ports);
      chipset.localApic().onNonMaskable(cpu::raiseNonMaskable);
      PCI_IRQS.forEach(chipset.pic()::presetLevelTriggered);
      router = new IntxRouter(PCI_IRQS, chipset::line);
      pci = new PciBus(mmio, MmioWindow.DEFAULT, router, chipset.localApic());
      HostBridge.attach(pci, ports, chipset.resetControl());
      slots = new MmioSlots(mmio, MMIO_SLOTS, MMIO_SLOTS_END, MMIO_IRQ, chipset.line(MMIO_IRQ));
      chipset.pic().presetLevelTriggered(MMIO_IRQ);
      services.put(MmioSlots.class, slots);
      Ecam.attach(pci, mmio);
      services.put(GuestMemory.class, new DmaMemory(ram, cpu));
      services.put(Disks.class, (Disks) name -> find(disks, name));
      services.put(RngBackend.class, new RandomStream(config.seed()));
      services.put(BlockDevices.class, (BlockDevices) this::register);
      plugIn(disks);
      leaveTimerAsFirmwareDoes();
      load();
    } catch (UnicornException e) {
      close();
      throw new MachineException(MachineException.Kind.HOST, e.getMessage(), e);
    } catch (MachineException | RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private static Map<SerialPort, SerialLine> serial(
      MachineConfig config, ConsoleSink console, ConsoleSource input) {
    Map<SerialPort, SerialLine> lines = new TreeMap<>(config.serial());
    lines.put(SerialPort.COM1, new SerialLine(console, input));
    return lines;
  }

  private Optional<LongSupplier> rdrand() {
    return config.rdrand()
        ? Optional.of(new RandomStream("monoceros rdrand", config.seed())::nextLong)
        : Optional.empty();
  }

  private static PhysicalRam allocate(long bytes) throws MachineException {
    try {
      return new PhysicalRam(bytes);
    } catch (OutOfMemoryError e) {
      throw new MachineException(
          MachineException.Kind.HOST,
          "the host has no " + (bytes >> 20) + " MiB of memory for the guest",
          e);
    }
  }

  private static Disk find(Map<String, Disk> disks, String name) {
    Disk disk = disks.get(name);
    if (disk == null) {
      throw new IllegalArgumentException("this machine has no disk " + name);
    }
    return disk;
  }

  private void plugIn(Map<String, Disk> disks) throws MachineException {
    DevicePlugins plugins = DevicePlugins.load();
    int index = 0;
    for (String name : disks.keySet()) {
      DiskSpec spec = config.disks().get(index++);
      Map<String, String> options = new TreeMap<>(spec.settings());
      spec.serial().ifPresent(serial -> options.put("serial", serial));
      if (spec.transport() == DiskSpec.Transport.MMIO) {
        options.put(VirtioTransport.OPTION, VirtioTransport.MMIO_VALUE);
      }
      if (spec.latency() == DiskSpec.Latency.ZERO) {
        options.put(VirtioBlkPlugin.LATENCY, VirtioBlkPlugin.ZERO_LATENCY);
      }
      plugIn(plugins, VirtioBlkPlugin.NAME, name, options);
    }
    if (config.rng().isPresent()) {
      Map<String, String> options = new TreeMap<>();
      if (config.rng().get() == DiskSpec.Transport.MMIO) {
        options.put(VirtioTransport.OPTION, VirtioTransport.MMIO_VALUE);
      }
      plugIn(plugins, VirtioRngPlugin.NAME, "rng", options);
    }
  }

  private void plugIn(DevicePlugins plugins, String kind, String name, Map<String, String> options)
      throws MachineException {
    try {
      plugins.attach(kind, this, DeviceConfig.of(name, options));
    } catch (PluginException e) {
      throw new MachineException(MachineException.Kind.CONFIG, e.getMessage(), e);
    }
  }

  /** Kernels read counter 0 before they program it; a BIOS leaves it counting down from 65,536. */
  private void leaveTimerAsFirmwareDoes() {
    ports.write(PIT_CONTROL, 1, PIT_CHANNEL_0_MODE_3);
    ports.write(PIT_CHANNEL_0, 1, 0);
    ports.write(PIT_CHANNEL_0, 1, 0);
  }

  private void load() throws MachineException {
    AcpiTables tables =
        AcpiTables.build(
            new AcpiConfig(
                AcpiConfig.DEFAULT_BASE,
                MmioWindow.DEFAULT,
                router,
                slots.taken(),
                new TreeSet<>(chipset.serial().keySet())));
    ram.segment().asSlice(tables.base(), tables.image().byteSize()).copyFrom(tables.image());
    List<BootFile> files = new ArrayList<>();
    try {
      BootFile kernel = open(files, "kernel", config.kernel());
      List<BootSource> initrds = new ArrayList<>();
      for (Path initrd : config.initrds()) {
        initrds.add(open(files, "initrd", initrd));
      }
      LinuxBootConfig what =
          new LinuxBootConfig(kernel, initrds, config.commandLine(), tables.rsdpAddress(), seed());
      PhysicalMemory memory = PhysicalMemory.over(ram.segment());
      switch (config.boot()) {
        case LINUX -> start(LinuxBoot.load(memory, what));
        case PVH -> start(PvhBoot.load(memory, what));
      }
    } catch (BootException e) {
      throw new MachineException(MachineException.Kind.CONFIG, e.getMessage(), e);
    } finally {
      files.forEach(Board::closeFile);
    }
  }

  private void start(BootState boot) {
    cpu.start(
        new StartState(
            boot.rip(),
            boot.rsi(),
            boot.rsp(),
            boot.cr3(),
            boot.gdtBase(),
            boot.gdtLimit(),
            boot.codeSelector(),
            boot.dataSelector()));
  }

  private void start(PvhState boot) {
    cpu.start(
        new ProtectedState(
            boot.eip(),
            boot.ebx(),
            boot.gdtBase(),
            boot.gdtLimit(),
            boot.codeSelector(),
            boot.dataSelector(),
            boot.taskSelector()));
  }

  private static BootFile open(List<BootFile> files, String what, Path path) throws BootException {
    BootFile file = BootFile.open(what, path);
    files.add(file);
    return file;
  }

  private static void closeFile(BootFile file) {
    try {
      file.close();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** The run's seed stretched to what the kernel takes: 256 bits by SplitMix64. */
  private MemorySegment seed() {
    MemorySegment bytes = MemorySegment.ofArray(new byte[SEED_BYTES]);
    long state = config.seed();
    for (int i = 0; i < SEED_BYTES / 8; i++) {
      state += 0x9e37_79b9_7f4a_7c15L;
      long mixed = (state ^ state >>> 30) * 0xbf58_476d_1ce4_e5b9L;
      mixed = (mixed ^ mixed >>> 27) * 0x94d0_49bb_1331_11ebL;
      bytes.set(ValueLayout.JAVA_LONG_UNALIGNED, 8L * i, mixed ^ mixed >>> 31);
    }
    return bytes;
  }

  private void register(String name, Supplier<BlkCounts> counts, Runnable capacityChanged) {
    blockDevices.put(name, counts);
    capacityChanges.put(name, capacityChanged);
  }

  /** The disk has another size now: its device tells the guest. */
  void capacityChanged(String disk) {
    capacityChanges.get(disk).run();
  }

  void pressPowerButton() {
    chipset.acpi().pressPowerButton();
  }

  void injectNmi() {
    chipset.localApic().pulseLint1();
  }

  Cpu cpu() {
    return cpu;
  }

  Map<String, Supplier<BlkCounts>> blockDevices() {
    return blockDevices;
  }

  long unclaimedReads() {
    return mmio.unclaimedReads() + ports.unclaimedReads();
  }

  long unclaimedWrites() {
    return mmio.unclaimedWrites() + ports.unclaimedWrites();
  }

  @Override
  public AddressBus mmio() {
    return mmio;
  }

  @Override
  public AddressBus ports() {
    return ports;
  }

  @Override
  public EventQueue events() {
    return events;
  }

  @Override
  public VirtualClock clock() {
    return cpu;
  }

  @Override
  public PciBus pci() {
    return pci;
  }

  @Override
  public InterruptLine interrupt(int irq) {
    return chipset.line(irq);
  }

  @Override
  public <T> T service(Class<T> type) {
    Object service = services.get(type);
    if (service == null) {
      throw new IllegalArgumentException("this machine offers no " + type.getName());
    }
    return type.cast(service);
  }

  @Override
  public void onClose(AutoCloseable resource) {
    resources.push(resource);
  }

  @Override
  public void close() {
    while (!resources.isEmpty()) {
      try {
        resources.pop().close();
      } catch (Exception e) {
        throw new IllegalStateException("a device did not close", e);
      }
    }
  }
}
