package dev.monoceros.machine.chipset.acpi;

import static dev.monoceros.machine.chipset.acpi.Aml.device;
import static dev.monoceros.machine.chipset.acpi.Aml.eisaId;
import static dev.monoceros.machine.chipset.acpi.Aml.integer;
import static dev.monoceros.machine.chipset.acpi.Aml.name;
import static dev.monoceros.machine.chipset.acpi.Aml.packageOf;
import static dev.monoceros.machine.chipset.acpi.Aml.scope;
import static dev.monoceros.machine.chipset.acpi.Aml.string;

import dev.monoceros.machine.bus.MmioSlot;
import dev.monoceros.machine.chipset.AcpiPm;
import dev.monoceros.machine.chipset.Chipset;
import dev.monoceros.machine.chipset.Hpet;
import dev.monoceros.machine.chipset.PvPanic;
import dev.monoceros.machine.chipset.SerialPort;
import dev.monoceros.machine.pci.Ecam;
import dev.monoceros.machine.pci.IntxRouter;
import dev.monoceros.machine.pci.MmioWindow;
import dev.monoceros.machine.pci.PciBus;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The AML of the differentiated system description table: PCI host bridge with its interrupt
 * routing, serial ports, real-time clock, event timers, panic port, virtio devices that no bus
 * lists, and the soft-off state.
 */
final class Dsdt {
  /** By which the MADT names the processor, too. */
  static final int PROCESSOR_UID = 0;

  private static final int PINS = 4;
  private static final long ANY_FUNCTION = 0xffff;
  private static final int ADDRESS_SLOT_SHIFT = 16;

  private static final int CONFIG_PORT = 0xcf8;
  private static final int CONFIG_PORTS = 8;
  private static final int LAST_PORT = 0xffff;
  private static final int RTC_PORT = 0x70;
  private static final int RTC_PORTS = 2;
  private static final int UART_PORTS = 8;

  private Dsdt() {}

  static byte[] aml(AcpiConfig config) {
    byte[] s5 =
        packageOf(
            integer(AcpiPm.SLEEP_TYPE_S5), integer(AcpiPm.SLEEP_TYPE_S5), integer(0), integer(0));
    return Aml.concat(
        scope(
            "\\_SB",
            processor(),
            hostBridge(config.window(), config.router()),
            motherboard(),
            serialPorts(config.serial()),
            realTimeClock(),
            eventTimers(),
            panicPort(),
            virtioDevices(config.virtio())),
        name("\\_S5", s5));
  }

  private static byte[] processor() {
    return device("CPU0", name("_HID", string("ACPI0007")), name("_UID", integer(PROCESSOR_UID)));
  }

  /** What is nobody's: configuration space in memory must be reserved by such a device. */
  private static byte[] motherboard() {
    return device(
        "MBRD",
        name("_HID", eisaId("PNP0C02")),
        name("_CRS", new Resources().fixedMemory(Ecam.BASE, Ecam.LENGTH).toBuffer()));
  }

  private static byte[] hostBridge(MmioWindow window, IntxRouter router) {
    Resources resources =
        new Resources()
            .busWindow(0, Ecam.LAST_BUS)
            .ports(CONFIG_PORT, CONFIG_PORTS)
            .portWindow(0, CONFIG_PORT - 1)
            .portWindow(CONFIG_PORT + CONFIG_PORTS, LAST_PORT)
            .memoryWindow(window.base(), window.end() - 1);
    return device(
        "PCI0",
        name("_HID", eisaId("PNP0A03")),
        name("_UID", integer(0)),
        name("_BBN", integer(0)),
        name("_CRS", resources.toBuffer()),
        name("_PRT", routing(router)));
  }

  /**
   * One entry for every pin of every slot but the bridge's own; no link devices, the interrupt
   * number itself (ACPI 6.3, section 6.2.13).
   */
  private static byte[] routing(IntxRouter router) {
    List<byte[]> entries = new ArrayList<>();
    for (long slot = 1; slot < PciBus.SLOTS; slot++) {
      for (int pin = 0; pin < PINS; pin++) {
        entries.add(
            packageOf(
                integer(slot << ADDRESS_SLOT_SHIFT | ANY_FUNCTION),
                integer(pin),
                integer(0),
                integer(router.irq((int) slot, pin + 1))));
      }
    }
    return packageOf(entries);
  }

  private static byte[] serialPorts(Set<SerialPort> ports) {
    return Aml.concat(ports.stream().map(Dsdt::serialPort).toArray(byte[][]::new));
  }

  private static byte[] serialPort(SerialPort port) {
    return device(
        port.name(),
        name("_HID", eisaId("PNP0501")),
        name("_UID", integer(port.number())),
        name("_CRS", new Resources().ports(port.base(), UART_PORTS).irq(port.irq()).toBuffer()));
  }

  private static byte[] realTimeClock() {
    return device(
        "RTC",
        name("_HID", eisaId("PNP0B00")),
        name("_CRS", new Resources().ports(RTC_PORT, RTC_PORTS).irq(Chipset.RTC_IRQ).toBuffer()));
  }

  private static byte[] eventTimers() {
    return device(
        "HPET",
        name("_HID", eisaId("PNP0103")),
        name("_CRS", new Resources().fixedMemory(Hpet.ADDRESS, Hpet.LENGTH).toBuffer()));
  }

  private static byte[] panicPort() {
    return device(
        "PEVT",
        name("_HID", string("QEMU0001")),
        name("_CRS", new Resources().ports(PvPanic.PORT, PvPanic.PORTS).toBuffer()));
  }

  /** As Linux's virtio_mmio and QEMU's microvm have it. */
  private static byte[] virtioDevices(List<MmioSlot> slots) {
    byte[][] devices = new byte[slots.size()][];
    for (int i = 0; i < devices.length; i++) {
      MmioSlot slot = slots.get(i);
      devices[i] =
          device(
              "VR%02X".formatted(i),
              name("_HID", string("LNRO0005")),
              name("_UID", integer(i)),
              name(
                  "_CRS",
                  new Resources()
                      .fixedMemory(slot.base(), slot.length())
                      .sharedInterrupt(slot.irq())
                      .toBuffer()));
    }
    return Aml.concat(devices);
  }
}
