package dev.monoceros.machine.chipset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.machine.bus.AddressBus;
import dev.monoceros.machine.bus.RecordingRegion;
import dev.monoceros.machine.pci.BarKind;
import dev.monoceros.machine.pci.CapabilityHook;
import dev.monoceros.machine.pci.HostBridge;
import dev.monoceros.machine.pci.IntxRouter;
import dev.monoceros.machine.pci.MmioWindow;
import dev.monoceros.machine.pci.PciBus;
import dev.monoceros.machine.pci.PciFunction;
import dev.monoceros.machine.pci.PciIdentity;
import dev.monoceros.machine.time.TestTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

/**
 * A guest that touches any port in any way can neither break nor stall a whole PC, and gets the
 * same answers every time.
 */
class HostileGuestTest {
  /** One port access, then some time. */
  record Step(boolean write, int port, int size, long value, long pause) {}

  private static final int[] PORTS = {
    0x20, 0x21, 0xa0, 0xa1, 0x4d0, 0x4d1, 0x40, 0x41, 0x42, 0x43, 0x61, 0x70, 0x71, 0x60, 0x64,
    0x92, 0x80, 0xf4, 0x505, 0x3f8, 0x3f9, 0x3fa, 0x3fb, 0x3fc, 0x3fd, 0x3fe, 0x3ff, 0x600, 0x602,
        0x604,
    0x608, 0xcf8, 0xcf9, 0xcfc, 0xcfe, 0x3f7, 0x6ff
  };

  @Provide
  Arbitrary<List<Step>> programs() {
    Arbitrary<Integer> ports = Arbitraries.of(Arrays.stream(PORTS).boxed().toList());
    Arbitrary<Integer> sizes = Arbitraries.of(1, 1, 1, 1, 2, 4);
    Arbitrary<Long> values =
        Arbitraries.oneOf(
            Arbitraries.longs().between(0, 255),
            Arbitraries.longs().between(0, 0xffff_ffffL),
            Arbitraries.longs().between(0x8000_0800L, 0x8000_08ffL));
    Arbitrary<Long> waits = Arbitraries.of(0L, 0L, 0L, 100L, 1_000L, 100_000L, 10_000_000L);
    return Combinators.combine(Arbitraries.of(true, true, false), ports, sizes, values, waits)
        .as(Step::new)
        .list()
        .ofMaxSize(300);
  }

  @Property(tries = 300)
  void anySequenceOfPortAccessesIsSurvivedAndAnsweredTheSameEveryTime(
      @ForAll("programs") @Size(max = 300) List<Step> program) {
    assertThat(run(program)).isEqualTo(run(program));
  }

  private static List<Long> run(List<Step> program) {
    TestTime time = new TestTime();
    AddressBus ports = new AddressBus("ports", 0x10000);
    List<Long> seen = new ArrayList<>();
    Chipset chipset = build(time, ports, seen);
    for (Step step : program) {
      if (step.write()) {
        ports.write(step.port(), step.size(), step.value());
      } else {
        seen.add(ports.read(step.port(), step.size()));
      }
      int events = 0;
      long end = time.now() + step.pause();
      while (time.events.nextDeadline() <= end) {
        time.runTo(time.events.nextDeadline());
        events++;
      }
      time.runTo(end);
      // The fastest event source is channel 0 of the timer with a count of two: one in 1,676 ns.
      assertThat(events).isLessThanOrEqualTo((int) (step.pause() / 500) + 20);
      if (chipset.pic().pending()) {
        seen.add((long) chipset.pic().acknowledge());
      }
    }
    return seen;
  }

  private static Chipset build(TestTime time, AddressBus ports, List<Long> seen) {
    MachineControl machine =
        new MachineControl() {
          @Override
          public void powerOff() {
            seen.add(-1L);
          }

          @Override
          public void reset(String how) {
            seen.add(-2L);
          }

          @Override
          public void panicked() {
            seen.add(-4L);
          }

          @Override
          public void debugExit(int value) {
            seen.add(-5L - value);
          }
        };
    int[] typed = {0};
    SerialLine line = new SerialLine(b -> seen.add((long) b), () -> typed[0]++ & 0xff);
    Map<SerialPort, SerialLine> lines = new EnumMap<>(SerialPort.class);
    for (SerialPort port : SerialPort.values()) {
      lines.put(port, line);
    }
    AddressBus mmio = new AddressBus("mmio", 1L << 40);
    Chipset chipset =
        Chipset.build(
            ports,
            mmio,
            time.events,
            machine,
            new Chipset.Config(Instant.EPOCH, DebugExit.DEFAULT_PORT, lines));
    PciBus pci =
        new PciBus(
            mmio,
            MmioWindow.DEFAULT,
            new IntxRouter(List.of(10, 11), chipset::line),
            chipset.localApic());
    HostBridge.attach(pci, ports, chipset.resetControl());
    pci.add(
        PciFunction.builder("device", new PciIdentity(0x1af4, 0x1042, 1, 0x010000, 0x1af4, 0x1100))
            .bar(0, BarKind.MEMORY_32, 0x1000, new RecordingRegion(1))
            .bar(2, BarKind.MEMORY_64, 0x4000, new RecordingRegion(2))
            .capability(9, new byte[14], new byte[] {-1, -1, -1, -1}, CapabilityHook.NONE)
            .interruptPin()
            .build());
    return chipset;
  }
}
