package dev.monoceros.machine.pci;

import dev.monoceros.machine.bus.AddressBus;
import dev.monoceros.machine.bus.InterruptLine;
import dev.monoceros.machine.bus.InterruptMessages;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One PCI function: a type 0 configuration space (PCI 3.0, section 6.1), its BARs and its INTx pin.
 * Belongs to the vCPU thread.
 *
 * <p>The command register is honoured: memory decoding off takes the BARs off the bus, interrupt
 * disable holds INTx back, and bus mastering off holds messages back and is told to the device,
 * which must not touch guest memory then.
 */
public final class PciFunction {
  static final int VENDOR_ID = 0x00;
  static final int DEVICE_ID = 0x02;
  static final int COMMAND = 0x04;
  static final int STATUS = 0x06;
  static final int REVISION = 0x08;
  static final int HEADER_TYPE = 0x0e;
  static final int SUBSYSTEM_VENDOR = 0x2c;
  static final int SUBSYSTEM = 0x2e;
  static final int CAPABILITIES_POINTER = 0x34;
  static final int INTERRUPT_LINE = 0x3c;
  static final int INTERRUPT_PIN = 0x3d;
  static final int FIRST_CAPABILITY = 0x40;

  static final int COMMAND_MEMORY = 0x0002;
  static final int COMMAND_BUS_MASTER = 0x0004;
  static final int COMMAND_INTERRUPT_DISABLE = 0x0400;

  /**
   * I/O, memory, bus master, parity, SERR#, interrupt disable. I/O may be set though no BAR decodes
   * it.
   */
  static final int COMMAND_WRITABLE = 0x0547;

  static final int STATUS_INTERRUPT = 0x0008;
  static final int STATUS_CAPABILITIES = 0x0010;
  static final int MULTI_FUNCTION = 0x80;

  private final String name;
  private final ConfigBytes config;
  private final List<Bar> bars;
  private final List<Capability> capabilities;
  private final Optional<Msix> msix;
  private final Consumer<Boolean> busMaster;
  private final InterruptLine intx = this::driveInterrupt;
  private InterruptLine wire = InterruptLine.unconnected();
  private Runnable remap = () -> {};
  private boolean interruptAsserted;

  PciFunction(
      String name,
      ConfigBytes config,
      List<Bar> bars,
      List<Capability> capabilities,
      Optional<Msix> msix,
      Consumer<Boolean> busMaster) {
    this.name = name;
    this.config = config;
    this.bars = List.copyOf(bars);
    this.capabilities = List.copyOf(capabilities);
    this.msix = msix;
    this.busMaster = busMaster;
  }

  /**
   * Begins a new function.
   *
   * @param name for messages: "virtio-blk hd0"
   */
  public static PciFunctionBuilder builder(String name, PciIdentity identity) {
    return new PciFunctionBuilder(name, identity);
  }

  /** For messages. */
  public String name() {
    return name;
  }

  /**
   * The function's interrupt pin, level triggered. Setting it sets the interrupt status bit, and
   * asserts the wire unless the driver has disabled it.
   *
   * @return a line that leads nowhere if the function was built without a pin
   */
  public InterruptLine intx() {
    return intx;
  }

  /**
   * Whether the driver lets this function read and write guest memory and send message-signalled
   * interrupts.
   */
  public boolean isBusMaster() {
    return (config.get16(COMMAND) & COMMAND_BUS_MASTER) != 0;
  }

  /** Its MSI-X vectors, if it was built with any. */
  public Optional<Msix> msix() {
    return msix;
  }

  /** Where BAR {@code slot} is now, whether decoded or not; for reports and tests. */
  public long barAddress(int slot) {
    for (Bar bar : bars) {
      if (bar.slot == slot) {
        return bar.address(config);
      }
    }
    throw new IllegalArgumentException(name + " has no BAR " + slot);
  }

  /**
   * A driver's read of configuration space.
   *
   * @param offset 0 to 255, with {@code size} bytes inside one doubleword
   * @param size 1, 2 or 4 bytes
   */
  public int readConfig(int offset, int size) {
    for (Capability capability : capabilities) {
      if (capability.overlaps(offset, size)) {
        capability.beforeRead(offset, size);
      }
    }
    return config.read(offset, size);
  }

  /**
   * A driver's write to configuration space.
   *
   * @param offset 0 to 255, with {@code size} bytes inside one doubleword
   * @param size 1, 2 or 4 bytes
   */
  public void writeConfig(int offset, int size, int value) {
    int commandBefore = config.get16(COMMAND);
    config.write(offset, size, value);
    for (Capability capability : capabilities) {
      if (capability.overlaps(offset, size)) {
        capability.afterWrite(offset, size);
      }
    }
    boolean touchesBars = offset + size > Bar.FIRST_OFFSET && offset < SUBSYSTEM_VENDOR;
    if (commandBefore != config.get16(COMMAND)) {
      commandChanged(commandBefore);
    } else if (touchesBars) {
      remap.run();
    }
  }

  private void commandChanged(int before) {
    driveWire();
    remap.run();
    msix.ifPresent(Msix::sendPending);
    if (((before ^ config.get16(COMMAND)) & COMMAND_BUS_MASTER) != 0) {
      busMaster.accept(isBusMaster());
    }
  }

  List<Bar> bars() {
    return bars;
  }

  ConfigBytes config() {
    return config;
  }

  int interruptPin() {
    return config.get8(INTERRUPT_PIN);
  }

  /**
   * Joins a bus: {@code wire} is where INTx leads, {@code messages} where MSI-X does, {@code remap}
   * must run whenever decoding has changed.
   */
  void connect(InterruptLine wire, int irq, InterruptMessages messages, Runnable remap) {
    this.wire = wire;
    this.remap = remap;
    msix.ifPresent(m -> m.connect(this, messages));
    config.set8(INTERRUPT_LINE, irq);
  }

  void unmapStale() {
    boolean decoded = decodesMemory();
    for (Bar bar : bars) {
      bar.unmapIfStale(config, decoded);
    }
  }

  void mapFree(AddressBus mmio) {
    if (decodesMemory()) {
      for (Bar bar : bars) {
        bar.mapIfFree(config, mmio, name);
      }
    }
  }

  private boolean decodesMemory() {
    return (config.get16(COMMAND) & COMMAND_MEMORY) != 0;
  }

  private void driveInterrupt(boolean asserted) {
    if (interruptPin() == 0) {
      return;
    }
    interruptAsserted = asserted;
    int status = config.get16(STATUS);
    config.set16(STATUS, asserted ? status | STATUS_INTERRUPT : status & ~STATUS_INTERRUPT);
    driveWire();
  }

  private void driveWire() {
    wire.set(interruptAsserted && (config.get16(COMMAND) & COMMAND_INTERRUPT_DISABLE) == 0);
  }
}
