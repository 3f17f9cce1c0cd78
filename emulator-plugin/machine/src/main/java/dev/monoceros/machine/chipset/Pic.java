package dev.monoceros.machine.chipset;

import dev.monoceros.machine.bus.AddressBus;
import dev.monoceros.machine.bus.ByteRegion;
import dev.monoceros.machine.bus.InterruptController;
import dev.monoceros.machine.bus.InterruptLine;
import java.util.Objects;

/**
 * The PC's pair of 8259A interrupt controllers: IRQ 0 to 7 on the master at ports 0x20-0x21, IRQ 8
 * to 15 on the slave at 0xa0-0xa1, cascaded through IRQ 2, with the edge/level control registers at
 * 0x4d0-0x4d1 (Intel 82371SB, section 2.5.5).
 *
 * <p>Starts as firmware leaves it: vectors 0x08 and 0x70, all inputs masked.
 */
public final class Pic implements InterruptController {
  /** Number of interrupt requests. */
  public static final int IRQS = 16;

  private static final int MASTER_PORT = 0x20;
  private static final int SLAVE_PORT = 0xa0;
  private static final int ELCR_PORT = 0x4d0;

  private static final int MASTER_VECTOR = 0x08;
  private static final int SLAVE_VECTOR = 0x70;
  private static final int CASCADE = 2;

  /** IRQ 0, 1, 2, 8 and 13 are always edge triggered: their bits read zero. */
  private static final int MASTER_ELCR_BITS = 0xf8;

  private static final int SLAVE_ELCR_BITS = 0xde;

  private final I8259 master = new I8259(MASTER_VECTOR, 1 << CASCADE, this::masterChanged);
  private final I8259 slave = new I8259(SLAVE_VECTOR, 0, this::slaveChanged);
  private Runnable listener = () -> {};
  private boolean pending;

  /** Both controllers in their power-on state. */
  public Pic() {}

  /** Claims the controllers' ports. */
  public void attach(AddressBus ports) {
    ports.register("master PIC", MASTER_PORT, 2, master);
    ports.register("slave PIC", SLAVE_PORT, 2, slave);
    ports.register("PIC edge/level control", ELCR_PORT, 2, new EdgeLevelControl());
  }

  /**
   * The wire of one interrupt request.
   *
   * @param irq 0 to 15, but not 2, which carries the slave
   */
  public InterruptLine line(int irq) {
    if (irq < 0 || irq >= IRQS || irq == CASCADE) {
      throw new IllegalArgumentException("there is no line for IRQ " + irq);
    }
    return irq < 8 ? high -> master.setLine(irq, high) : high -> slave.setLine(irq - 8, high);
  }

  /**
   * Makes an IRQ level triggered, as firmware does for those that PCI and ACPI use.
   *
   * @throws IllegalArgumentException for 0, 1, 2, 8 and 13, which cannot be
   */
  public void presetLevelTriggered(int irq) {
    int bit = 1 << irq;
    if (irq < 0 || irq >= IRQS || (bit & (SLAVE_ELCR_BITS << 8 | MASTER_ELCR_BITS)) == 0) {
      throw new IllegalArgumentException("IRQ " + irq + " cannot be level triggered");
    }
    master.setLevelTriggered(master.levelTriggered() | (bit & 0xff));
    slave.setLevelTriggered(slave.levelTriggered() | bit >>> 8);
  }

  @Override
  public boolean pending() {
    return pending;
  }

  @Override
  public int acknowledge() {
    int input = master.acknowledge();
    if (input != CASCADE) {
      return master.vector(input);
    }
    int slaveInput = slave.acknowledge();
    // INT falls with every acknowledge; if the slave has more to say, the master must see a new
    // edge.
    master.setLine(CASCADE, false);
    slaveChanged();
    return slave.vector(slaveInput);
  }

  @Override
  public void onChange(Runnable listener) {
    this.listener = Objects.requireNonNull(listener);
  }

  private void slaveChanged() {
    master.setLine(CASCADE, slave.interruptOutput());
  }

  private void masterChanged() {
    boolean before = pending;
    pending = master.interruptOutput();
    if (pending != before) {
      listener.run();
    }
  }

  private final class EdgeLevelControl implements ByteRegion {
    @Override
    public int readByte(int offset) {
      return (offset == 0 ? master : slave).levelTriggered();
    }

    @Override
    public void writeByte(int offset, int value) {
      if (offset == 0) {
        master.setLevelTriggered(value & MASTER_ELCR_BITS);
      } else {
        slave.setLevelTriggered(value & SLAVE_ELCR_BITS);
      }
    }
  }
}
