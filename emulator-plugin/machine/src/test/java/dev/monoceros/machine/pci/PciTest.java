package dev.monoceros.machine.pci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.monoceros.machine.bus.AddressBus;
import dev.monoceros.machine.bus.ByteRegion;
import dev.monoceros.machine.bus.InterruptMessage;
import dev.monoceros.machine.bus.RecordingRegion;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** PCI Local Bus Specification 3.0, through ports 0xcf8 and 0xcfc as a driver sees it. */
class PciTest {
  private static final int ADDRESS = 0xcf8;
  private static final int DATA = 0xcfc;
  private static final int COMMAND = 0x04;
  private static final int STATUS = 0x06;
  private static final long WINDOW = 0xe010_0000L;
  private static final PciIdentity IDENTITY =
      new PciIdentity(0x1af4, 0x1042, 1, 0x010000, 0x1af4, 0x1100);

  private final AddressBus ports = new AddressBus("ports", 0x10000);
  private final AddressBus mmio = new AddressBus("mmio", 1L << 40);
  private final TreeSet<Integer> asserted = new TreeSet<>();
  private final IntxRouter router = new IntxRouter(List.of(10, 11), irq -> high -> line(irq, high));
  private final List<InterruptMessage> messages = new ArrayList<>();
  private final PciBus bus = new PciBus(mmio, MmioWindow.DEFAULT, router, messages::add);
  private final RecordingRegion registers = new RecordingRegion(0x55);
  private final List<Integer> beside = new ArrayList<>();

  private final PciFunction function =
      PciFunction.builder("disk", IDENTITY)
          .bar(0, BarKind.MEMORY_32, 0x1000, registers)
          .interruptPin()
          .build();
  private int slot;

  private void line(int irq, boolean high) {
    if (high) {
      asserted.add(irq);
    } else {
      asserted.remove(irq);
    }
  }

  @BeforeEach
  void plugIn() {
    ByteRegion reset =
        new ByteRegion() {
          @Override
          public int readByte(int offset) {
            return 0x77;
          }

          @Override
          public void writeByte(int offset, int value) {
            beside.add(value);
          }
        };
    HostBridge.attach(bus, ports, reset);
    slot = bus.add(function);
  }

  @Test
  void theHostBridgeIsAtSlotZeroAndDevicesFollow() {
    assertThat(read(0, 0x0a, 2)).as("class: host bridge").isEqualTo(0x0600);
    assertThat(slot).isEqualTo(1);
    assertThat(read(1, 0, 4)).isEqualTo(0x1042_1af4L);
    assertThat(read(1, 8, 4)).isEqualTo(0x0100_0001L);
    assertThat(read(1, 0x2c, 4)).isEqualTo(0x1100_1af4L);
    assertThat(read(1, 0x0e, 1)).as("header type 0, one function").isZero();
  }

  @Test
  void absentFunctionsReadAllOnesAndSwallowWrites() {
    assertThat(read(2, 0, 4)).isEqualTo(0xffff_ffffL);
    assertThat(read(2, 0, 2)).isEqualTo(0xffff);
    write(2, 4, 2, 7);
    select(1 << 16 | 1 << 11);
    assertThat(ports.read(DATA, 4)).as("bus 1").isEqualTo(0xffff_ffffL);
    ports.write(ADDRESS, 4, 1 << 11);
    assertThat(ports.read(DATA, 4)).as("enable bit off").isEqualTo(0xffff_ffffL);
  }

  @Test
  void theAddressRegisterAnswersOnlyDoublewordsAndItsReservedBitsAreZero() {
    ports.write(ADDRESS, 4, 0xffff_ffffL);
    assertThat(ports.read(ADDRESS, 4)).isEqualTo(0x80ff_fffcL);
    ports.write(ADDRESS, 1, 0);
    ports.write(ADDRESS, 2, 0);
    assertThat(ports.read(ADDRESS, 4)).isEqualTo(0x80ff_fffcL);
    assertThat(ports.read(ADDRESS, 1)).isEqualTo(0xff);
  }

  @Test
  void aByteAtCf9ReachesTheResetRegister() {
    ports.write(0xcf9, 1, 0x06);
    assertThat(beside).containsExactly(6);
    assertThat(ports.read(0xcf9, 1)).isEqualTo(0x77);
  }

  @Test
  void bytesAndWordsOfConfigurationSpaceAreReachedThroughTheDataPortsOffset() {
    select(slot << 11);
    assertThat(ports.read(DATA, 1)).isEqualTo(0xf4);
    assertThat(ports.read(DATA + 1, 1)).isEqualTo(0x1a);
    assertThat(ports.read(DATA + 2, 2)).isEqualTo(0x1042);
  }

  @Test
  void identityIsReadOnly() {
    write(slot, 0, 4, 0);
    write(slot, 8, 4, 0xffff_ffffL);
    assertThat(read(slot, 0, 4)).isEqualTo(0x1042_1af4L);
    assertThat(read(slot, 8, 4)).isEqualTo(0x0100_0001L);
  }

  @Test
  void barsAreAssignedInTheWindowAndDecodedFromTheStart() {
    assertThat(read(slot, 0x10, 4)).isEqualTo(WINDOW);
    assertThat(read(slot, COMMAND, 2)).isEqualTo(2);
    assertThat(mmio.read(WINDOW + 8, 4)).isEqualTo(0x55);
    assertThat(registers.log).containsExactly("r4@8");
  }

  @Test
  void writingOnesToABarTellsItsSize() {
    write(slot, 0x10, 4, 0xffff_ffffL);
    assertThat(read(slot, 0x10, 4)).isEqualTo(0xffff_f000L);
    write(slot, 0x10, 4, WINDOW);
    assertThat(mmio.read(WINDOW, 1)).isEqualTo(0x55);
    write(slot, 0x14, 4, 0xffff_ffffL);
    assertThat(read(slot, 0x14, 4)).as("a slot without BAR").isZero();
    write(slot, 0x30, 4, 0xffff_ffffL);
    assertThat(read(slot, 0x30, 4)).as("no expansion ROM").isZero();
  }

  @Test
  void aSixtyFourBitBarTakesTwoSlotsAndCanMoveAbove4GiB() {
    RecordingRegion region = new RecordingRegion(0x66);
    PciFunction wide =
        PciFunction.builder("wide", IDENTITY)
            .bar(2, BarKind.MEMORY_64_PREFETCHABLE, 0x4000, region)
            .build();
    int wideSlot = bus.add(wide);
    assertThat(read(wideSlot, 0x18, 4)).isEqualTo(0xe010_400cL);
    write(wideSlot, 0x18, 4, 0xffff_ffffL);
    write(wideSlot, 0x1c, 4, 0xffff_ffffL);
    assertThat(read(wideSlot, 0x18, 4)).isEqualTo(0xffff_c00cL);
    assertThat(read(wideSlot, 0x1c, 4)).isEqualTo(0xffff_ffffL);
    write(wideSlot, 0x18, 4, 0x1234_0000L);
    write(wideSlot, 0x1c, 4, 0x20);
    assertThat(mmio.read(0x20_1234_0004L, 1)).isEqualTo(0x66);
    assertThat(wide.barAddress(2)).isEqualTo(0x20_1234_0000L);
    assertThat(mmio.read(0xe000_4000L, 1)).isEqualTo(0xff);
  }

  @Test
  void aMovedBarAnswersAtItsNewAddressOnly() {
    write(slot, 0x10, 4, 0xe100_0000L);
    assertThat(mmio.read(0xe100_0000L, 1)).isEqualTo(0x55);
    assertThat(mmio.read(WINDOW, 1)).isEqualTo(0xff);
  }

  @Test
  void memoryDecodingOffTakesTheBarOffTheBusAndKeepsItsAddress() {
    write(slot, COMMAND, 2, 0);
    assertThat(mmio.read(WINDOW, 1)).isEqualTo(0xff);
    write(slot, 0x10, 4, 0xe200_0000L);
    assertThat(mmio.read(0xe200_0000L, 1)).isEqualTo(0xff);
    write(slot, COMMAND, 2, 2);
    assertThat(mmio.read(0xe200_0000L, 1)).isEqualTo(0x55);
  }

  @Test
  void aBarMovedOntoAnotherWaitsUntilThePlaceIsFree() {
    RecordingRegion second = new RecordingRegion(0x99);
    int secondSlot =
        bus.add(
            PciFunction.builder("second", IDENTITY)
                .bar(0, BarKind.MEMORY_32, 0x1000, second)
                .build());
    write(secondSlot, 0x10, 4, WINDOW);
    assertThat(mmio.read(WINDOW, 1)).as("the first one answers").isEqualTo(0x55);
    assertThat(read(secondSlot, 0x10, 4)).isEqualTo(WINDOW);
    write(slot, 0x10, 4, 0xe300_0000L);
    assertThat(mmio.read(WINDOW, 1)).isEqualTo(0x99);
    assertThat(mmio.read(0xe300_0000L, 1)).isEqualTo(0x55);
  }

  @Test
  void noAddressThatAGuestWritesBreaksAnything() {
    for (long address : new long[] {0, 0xffff_f000L, 0x8000_0000L, 0xe000_0000L}) {
      write(slot, 0x10, 4, address);
      assertThat(read(slot, 0x10, 4)).isEqualTo(address);
    }
    int wide =
        bus.add(
            PciFunction.builder("wide", IDENTITY)
                .bar(0, BarKind.MEMORY_64, 1L << 20, registers)
                .build());
    write(wide, 0x14, 4, 0x8000_0000L);
    write(wide, 0x14, 4, 0x7fff_ffffL);
    write(wide, 0x10, 4, 0xfff0_0000L);
    assertThat(read(wide, 0x14, 4)).isEqualTo(0x7fff_ffffL);
  }

  @Test
  void theCommandRegisterKeepsItsDefinedBitsOnly() {
    write(slot, COMMAND, 2, 0xffff);
    assertThat(read(slot, COMMAND, 2)).isEqualTo(0x0547);
    assertThat(function.isBusMaster()).isTrue();
    write(slot, COMMAND, 2, 0x0002);
    assertThat(function.isBusMaster()).isFalse();
  }

  @Test
  void intxDrivesItsIrqAndTheStatusBit() {
    assertThat(read(slot, 0x3c, 2)).as("line 11, pin A").isEqualTo(0x010b);
    function.intx().set(true);
    assertThat(asserted).containsExactly(11);
    assertThat(read(slot, STATUS, 2) & 0x08).isEqualTo(0x08);
    function.intx().set(false);
    assertThat(asserted).isEmpty();
    assertThat(read(slot, STATUS, 2) & 0x08).isZero();
  }

  @Test
  void interruptDisableHoldsTheWireButNotTheStatusBit() {
    function.intx().set(true);
    write(slot, COMMAND, 2, 0x0402);
    assertThat(asserted).isEmpty();
    assertThat(read(slot, STATUS, 2) & 0x08).isEqualTo(0x08);
    write(slot, COMMAND, 2, 0x0002);
    assertThat(asserted).containsExactly(11);
  }

  @Test
  void slotsShareTheIrqsInTurn() {
    PciFunction second = PciFunction.builder("second", IDENTITY).interruptPin().build();
    PciFunction third = PciFunction.builder("third", IDENTITY).interruptPin().build();
    assertThat(read(bus.add(second), 0x3c, 1)).isEqualTo(10);
    assertThat(read(bus.add(third), 0x3c, 1)).isEqualTo(11);
    function.intx().set(true);
    third.intx().set(true);
    function.intx().set(false);
    assertThat(asserted).containsExactly(11);
    third.intx().set(false);
    assertThat(asserted).isEmpty();
  }

  @Test
  void aFunctionWithoutPinHasNoInterrupt() {
    PciFunction silent = PciFunction.builder("silent", IDENTITY).build();
    int at = bus.add(silent);
    silent.intx().set(true);
    assertThat(asserted).isEmpty();
    assertThat(read(at, 0x3c, 2)).isEqualTo(0x00ff);
    assertThat(read(at, STATUS, 2)).isZero();
  }

  @Test
  void theCapabilityListIsLinkedInOrderAtDoublewordsAndAnnounced() {
    PciFunction capable =
        PciFunction.builder("capable", IDENTITY)
            .capability(9, new byte[] {1, 2, 3}, new byte[0], CapabilityHook.NONE)
            .capability(0x11, new byte[] {4, 5}, new byte[] {0, (byte) 0xf0}, CapabilityHook.NONE)
            .build();
    int at = bus.add(capable);
    assertThat(read(at, STATUS, 2)).isEqualTo(0x10);
    assertThat(read(at, 0x34, 1)).isEqualTo(0x40);
    assertThat(read(at, 0x40, 4)).isEqualTo(0x0201_4809L);
    assertThat(read(at, 0x44, 1)).isEqualTo(3);
    assertThat(read(at, 0x48, 4)).isEqualTo(0x0504_0011L);
    write(at, 0x48, 4, 0xffff_ffffL);
    assertThat(read(at, 0x48, 4)).as("only its writable bits").isEqualTo(0xf504_0011L);
  }

  @Test
  void aCapabilitysHookSeesReadsBeforeAndWritesAfter() {
    List<String> log = new ArrayList<>();
    CapabilityHook hook =
        new CapabilityHook() {
          @Override
          public void beforeRead(int offset, int size, ByteBuffer capability) {
            log.add("read %d+%d".formatted(offset, size));
            capability.put(4, (byte) 0x5a);
          }

          @Override
          public void afterWrite(int offset, int size, ByteBuffer capability) {
            log.add("write %d+%d=%x".formatted(offset, size, capability.getShort(2)));
          }
        };
    int at =
        bus.add(
            PciFunction.builder("hooked", IDENTITY)
                .capability(9, new byte[6], new byte[] {-1, -1}, hook)
                .build());
    assertThat(read(at, 0x44, 1)).isEqualTo(0x5a);
    write(at, 0x42, 2, 0xbeef);
    write(at, 0x04, 2, 0);
    read(at, 0x48, 4);
    assertThat(log).containsExactly("read 4+1", "write 2+2=beef");
  }

  @Test
  void severalFunctionsInASlotSetTheMultiFunctionBitOfTheFirst() {
    bus.add(5, 0, PciFunction.builder("f0", IDENTITY).build());
    assertThat(read(5, 0x0e, 1)).isZero();
    bus.add(5, 3, PciFunction.builder("f3", IDENTITY).build());
    assertThat(read(5, 0x0e, 1)).isEqualTo(0x80);
    select(5 << 11 | 3 << 8);
    assertThat(ports.read(DATA, 4)).isEqualTo(0x1042_1af4L);
  }

  @Test
  void aFullBusOrWindowIsRefusedByName() {
    assertThatThrownBy(() -> bus.add(1, 0, PciFunction.builder("late", IDENTITY).build()))
        .hasMessage("PCI function 1.0 is disk already; no room for late");
    PciFunction huge =
        PciFunction.builder("huge", IDENTITY)
            .bar(0, BarKind.MEMORY_64, 1L << 32, registers)
            .build();
    assertThatThrownBy(() -> bus.add(huge))
        .hasMessage("no room in the PCI memory window for BAR 0 of huge");
    for (int i = 2; i < 32; i++) {
      bus.add(PciFunction.builder("filler", IDENTITY).build());
    }
    assertThatThrownBy(() -> bus.add(PciFunction.builder("one more", IDENTITY).build()))
        .hasMessage("no free PCI slot for one more");
  }

  @Test
  void aDeviceAuthorsMistakesAreRefused() {
    assertThatThrownBy(
            () -> PciFunction.builder("x", IDENTITY).bar(0, BarKind.MEMORY_32, 0x1001, registers))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> PciFunction.builder("x", IDENTITY).bar(5, BarKind.MEMORY_64, 0x1000, registers))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () ->
                PciFunction.builder("x", IDENTITY)
                    .bar(0, BarKind.MEMORY_64, 0x1000, registers)
                    .bar(1, BarKind.MEMORY_32, 0x1000, registers))
        .hasMessage("x: BAR slot 1 is taken");
    assertThatThrownBy(
            () ->
                PciFunction.builder("x", IDENTITY)
                    .capability(9, new byte[200], new byte[0], CapabilityHook.NONE))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new PciIdentity(0xffff, 0, 0, 0, 0, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private void select(int address) {
    ports.write(ADDRESS, 4, 0x8000_0000L | address);
  }

  private long read(int at, int register, int size) {
    select(at << 11 | (register & 0xfc));
    return ports.read(DATA + (register & 3), size);
  }

  private void write(int at, int register, int size, long value) {
    select(at << 11 | (register & 0xfc));
    ports.write(DATA + (register & 3), size, value);
  }
}
