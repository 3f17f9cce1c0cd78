package dev.monoceros.machine.chipset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.machine.bus.AddressBus;
import dev.monoceros.machine.bus.InterruptMessage;
import dev.monoceros.machine.bus.InterruptMessage.DeliveryMode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Intel 82093AA data sheet. */
class IoApicTest {
  private static final long SELECT = 0xfec0_0000L;
  private static final long WINDOW = 0xfec0_0010L;
  private static final int LEVEL = 1 << 15;
  private static final int REMOTE_IRR = 1 << 14;
  private static final int MASKED = 1 << 16;

  private final AddressBus mmio = new AddressBus("mmio", 1L << 32);
  private final List<InterruptMessage> sent = new ArrayList<>();
  private final IoApic apic = new IoApic(sent::add);

  @BeforeEach
  void attach() {
    apic.attach(mmio);
  }

  private int read(int register) {
    mmio.write(SELECT, 4, register);
    return (int) mmio.read(WINDOW, 4);
  }

  private void write(int register, int value) {
    mmio.write(SELECT, 4, register);
    mmio.write(WINDOW, 4, value);
  }

  private void entry(int input, int low) {
    write(0x10 + 2 * input, low);
  }

  private int entry(int input) {
    return read(0x10 + 2 * input);
  }

  @Test
  void itHas24InputsAllMaskedAfterReset() {
    assertThat(read(1)).isEqualTo(23 << 16 | 0x20);
    for (int i = 0; i < 24; i++) {
      assertThat(entry(i)).isEqualTo(MASKED);
    }
  }

  @Test
  void anEdgeSendsOneMessageWithWhatItsEntrySays() {
    write(0x10 + 2 * 5 + 1, 0x0200_0000);
    entry(5, 0x0941); // logical, lowest priority
    apic.line(5).set(true);
    apic.line(5).set(true);
    assertThat(sent)
        .containsExactly(new InterruptMessage(0x41, DeliveryMode.LOWEST_PRIORITY, false, true, 2));
    apic.line(5).set(false);
    apic.line(5).set(true);
    assertThat(sent).hasSize(2);
  }

  @Test
  void edgesOnAMaskedInputAreLost() {
    apic.line(5).set(true);
    entry(5, 0x41);
    assertThat(sent).isEmpty();
  }

  @Test
  void aLevelIsSentOnceUntilItsEndAndAgainIfStillAsserted() {
    entry(10, LEVEL | 0x50);
    apic.line(10).set(true);
    assertThat(sent).hasSize(1);
    assertThat(sent.getFirst().level()).isTrue();
    assertThat(entry(10)).isEqualTo(LEVEL | REMOTE_IRR | 0x50);
    apic.line(10).set(false);
    apic.line(10).set(true);
    assertThat(sent).as("waits for its end").hasSize(1);
    apic.endOfInterrupt(0x51);
    assertThat(sent).as("another vector's").hasSize(1);
    apic.endOfInterrupt(0x50);
    assertThat(sent).hasSize(2);
    apic.line(10).set(false);
    mmio.write(SELECT + 0x40, 4, 0x50);
    assertThat(entry(10)).isEqualTo(LEVEL | 0x50);
    assertThat(sent).hasSize(2);
  }

  @Test
  void aLevelThatIsAssertedWhileMaskedIsSentWhenTheMaskGoes() {
    entry(10, MASKED | LEVEL | 0x50);
    apic.line(10).set(true);
    assertThat(sent).isEmpty();
    entry(10, LEVEL | 0x50);
    assertThat(sent).hasSize(1);
  }

  @Test
  void remoteIrrIsReadOnlyAndGoesWithTheSwitchToEdge() {
    entry(10, LEVEL | REMOTE_IRR | 1 << 12 | 0x50);
    assertThat(entry(10)).isEqualTo(LEVEL | 0x50);
    apic.line(10).set(true);
    entry(10, MASKED | 0x50);
    assertThat(entry(10)).isEqualTo(MASKED | 0x50);
    entry(10, LEVEL | 0x50);
    assertThat(sent).as("sent anew").hasSize(2);
  }

  @Test
  void registersBeyondTheTableReadZeroAndIgnoreWrites() {
    write(0x40, -1);
    write(0xff, -1);
    assertThat(read(0x40)).isZero();
    assertThat(read(0xff)).isZero();
    write(0, -1);
    assertThat(read(0)).isEqualTo(0x0f00_0000);
  }
}
