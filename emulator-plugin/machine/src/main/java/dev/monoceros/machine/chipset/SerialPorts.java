package dev.monoceros.machine.chipset;

import dev.monoceros.machine.bus.AddressBus;
import dev.monoceros.machine.bus.SharedLine;
import dev.monoceros.machine.time.EventQueue;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Makes the serial ports that have a line, and wires those with the same interrupt together. */
final class SerialPorts {
  private SerialPorts() {}

  static Map<SerialPort, Uart> build(
      AddressBus ports,
      EventQueue events,
      IsaInterrupts irqs,
      Map<SerialPort, SerialLine> connected) {
    // Edge triggered like every ISA interrupt: a driver has to serve all sharers until none asks.
    SortedMap<Integer, SharedLine> wires = new TreeMap<>();
    Map<SerialPort, Uart> uarts = new EnumMap<>(SerialPort.class);
    connected.forEach(
        (port, line) -> {
          SharedLine wire =
              wires.computeIfAbsent(port.irq(), irq -> new SharedLine(irqs.line(irq)));
          Uart uart = new Uart(events, wire.input(), line.sink(), line.source());
          uart.attach(ports, port.base());
          uarts.put(port, uart);
        });
    return Collections.unmodifiableMap(uarts);
  }
}
