package dev.monoceros.machine.pci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.monoceros.machine.bus.AddressBus;
import dev.monoceros.machine.bus.InterruptLine;
import dev.monoceros.machine.bus.InterruptMessage;
import dev.monoceros.machine.bus.InterruptMessage.DeliveryMode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** PCI 3.0, section 6.8.2, through configuration space in memory and the vector table's BAR. */
class MsixTest {
  private static final int VECTORS = 3;
  private static final int COMMAND = 0x04;
  private static final int CAPABILITIES = 0x34;
  private static final int ENABLE = 1 << 15;
  private static final int FUNCTION_MASK = 1 << 14;
  private static final int PENDING = 0x800;

  private final AddressBus mmio = new AddressBus("mmio", 1L << 32);
  private final List<InterruptMessage> sent = new ArrayList<>();
  private final PciBus bus =
      new PciBus(
          mmio,
          MmioWindow.DEFAULT,
          new IntxRouter(List.of(10), irq -> InterruptLine.unconnected()),
          sent::add);
  private int toggles;
  private final PciFunction function =
      PciFunction.builder("device", new PciIdentity(0x1af4, 0x1042, 1, 0x010000, 0x1af4, 0x1100))
          .msix(1, VECTORS, () -> toggles++)
          .build();
  private final Msix msix = function.msix().orElseThrow();
  private long config;
  private int capability;
  private long table;

  @BeforeEach
  void plugIn() {
    Ecam.attach(bus, mmio);
    config = Ecam.BASE + ((long) bus.add(function) << 15);
    capability = (int) mmio.read(config + CAPABILITIES, 1);
    table = function.barAddress(1);
    mmio.write(config + COMMAND, 2, 0x6);
  }

  private void control(int value) {
    mmio.write(config + capability + 2, 2, value);
  }

  private void program(int vector, int data) {
    mmio.write(table + 16L * vector, 8, 0xfee0_0000L);
    mmio.write(table + 16L * vector + 8, 4, data);
    mmio.write(table + 16L * vector + 12, 4, 0);
  }

  private static InterruptMessage fixed(int vector) {
    return new InterruptMessage(vector, DeliveryMode.FIXED, false, false, 0);
  }

  @Test
  void theCapabilityDescribesTableAndPendingBits() {
    assertThat(mmio.read(config + capability, 1)).isEqualTo(0x11);
    assertThat(mmio.read(config + capability + 2, 2)).as("size less one").isEqualTo(VECTORS - 1);
    assertThat(mmio.read(config + capability + 4, 4)).as("table in BAR 1").isEqualTo(1);
    assertThat(mmio.read(config + capability + 8, 4)).as("pending").isEqualTo(PENDING | 1);
    control(0xffff);
    assertThat(mmio.read(config + capability + 2, 2))
        .isEqualTo(ENABLE | FUNCTION_MASK | VECTORS - 1);
    mmio.write(config + capability + 4, 4, -1);
    assertThat(mmio.read(config + capability + 4, 4)).as("read-only").isEqualTo(1);
  }

  @Test
  void allVectorsAreMaskedAfterReset() {
    for (int i = 0; i < VECTORS; i++) {
      assertThat(mmio.read(table + 16L * i + 12, 4)).isEqualTo(1);
    }
    assertThat(mmio.read(table + 16L * VECTORS + 12, 4)).as("beyond the table").isZero();
  }

  @Test
  void aMessageIsWhatItsEntrySays() {
    control(ENABLE);
    program(1, 0x41);
    msix.send(1);
    assertThat(sent).containsExactly(fixed(0x41));
    mmio.write(table + 16, 4, 0xfee0_2004L);
    mmio.write(table + 24, 4, 0x4155);
    msix.send(1);
    assertThat(sent.getLast())
        .isEqualTo(new InterruptMessage(0x55, DeliveryMode.LOWEST_PRIORITY, false, true, 2));
  }

  @Test
  void nothingIsSentOrKeptWhileMsixIsOff() {
    program(0, 0x41);
    msix.send(0);
    control(ENABLE);
    assertThat(sent).isEmpty();
    assertThat(mmio.read(table + PENDING, 4)).isZero();
  }

  @Test
  void aMaskedVectorIsPendingAndIsSentOnceWhenItsMaskGoes() {
    control(ENABLE);
    program(2, 0x43);
    mmio.write(table + 44, 4, 1);
    msix.send(2);
    msix.send(2);
    assertThat(sent).isEmpty();
    assertThat(mmio.read(table + PENDING, 8)).isEqualTo(1 << 2);
    mmio.write(table + 44, 4, 0);
    assertThat(sent).containsExactly(fixed(0x43));
    assertThat(mmio.read(table + PENDING, 8)).isZero();
  }

  @Test
  void theFunctionMaskHoldsAllVectorsBack() {
    control(ENABLE | FUNCTION_MASK);
    program(0, 0x41);
    program(1, 0x42);
    msix.send(1);
    msix.send(0);
    assertThat(sent).isEmpty();
    control(ENABLE);
    assertThat(sent).containsExactly(fixed(0x41), fixed(0x42));
  }

  @Test
  void aFunctionThatIsNoBusMasterSendsNothingUntilItIs() {
    control(ENABLE);
    program(0, 0x41);
    mmio.write(config + COMMAND, 2, 0x2);
    msix.send(0);
    assertThat(sent).isEmpty();
    mmio.write(config + COMMAND, 2, 0x6);
    assertThat(sent).containsExactly(fixed(0x41));
  }

  @Test
  void thePendingBitsAreReadOnlyAndNarrowAccessesChangeNothing() {
    mmio.write(table + PENDING, 4, -1);
    assertThat(mmio.read(table + PENDING, 4)).isZero();
    mmio.write(table + 8, 2, 0x41);
    assertThat(mmio.read(table + 8, 4)).isZero();
  }

  @Test
  void anAddressThatIsNoInterruptGoesNowhere() {
    control(ENABLE);
    program(0, 0x41);
    mmio.write(table, 4, 0x1000);
    msix.send(0);
    mmio.write(table, 8, 0x1_fee0_0000L);
    msix.send(0);
    assertThat(sent).isEmpty();
  }

  @Test
  void switchingIsTold() {
    control(ENABLE);
    control(ENABLE | FUNCTION_MASK);
    assertThat(msix.enabled()).isTrue();
    assertThat(toggles).isEqualTo(1);
    control(0);
    assertThat(toggles).isEqualTo(2);
  }

  @Test
  void memoryMappedConfigurationSpaceIsThatOfEachFunctionAndOnesElsewhere() {
    assertThat(mmio.read(config, 4)).isEqualTo(0x1042_1af4L);
    assertThat(mmio.read(config, 8)).as("two doublewords").isEqualTo(0x0010_0006_1042_1af4L);
    assertThat(mmio.read(config + 1, 2)).as("not aligned").isEqualTo(0x421aL);
    assertThat(mmio.read(config + 0x100, 4)).as("no extended space").isEqualTo(0xffff_ffffL);
    assertThat(mmio.read(config + (1 << 15), 4)).as("no function").isEqualTo(0xffff_ffffL);
    mmio.write(config + (1 << 15), 4, 0);
  }

  @Test
  void aTableOfNoSizeIsTheAuthorsMistake() {
    assertThatThrownBy(() -> new Msix(0, () -> {})).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Msix(129, () -> {})).isInstanceOf(IllegalArgumentException.class);
  }
}
