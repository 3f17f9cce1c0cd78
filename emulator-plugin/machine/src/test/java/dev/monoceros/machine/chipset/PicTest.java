package dev.monoceros.machine.chipset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.monoceros.machine.bus.AddressBus;
import dev.monoceros.machine.bus.InterruptLine;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Intel 8259A data sheet 231468-003, command by command, through the ports. */
class PicTest {
  private static final int MASTER = 0x20;
  private static final int MASTER_DATA = 0x21;
  private static final int SLAVE = 0xa0;
  private static final int SLAVE_DATA = 0xa1;
  private static final int ELCR = 0x4d0;

  private static final int READ_IRR = 0x0a;
  private static final int READ_ISR = 0x0b;
  private static final int POLL = 0x0c;
  private static final int EOI = 0x20;
  private static final int SPECIFIC_EOI = 0x60;

  private final AddressBus ports = new AddressBus("ports", 0x10000);
  private final Pic pic = new Pic();
  private final InterruptLine[] lines = new InterruptLine[16];

  @BeforeEach
  void initializeAsLinuxDoes() {
    pic.attach(ports);
    for (int irq = 0; irq < 16; irq++) {
      lines[irq] = irq == 2 ? null : pic.line(irq);
    }
    initialize(0x01);
    out(MASTER_DATA, 0);
    out(SLAVE_DATA, 0);
  }

  private void initialize(int icw4) {
    out(MASTER, 0x11);
    out(MASTER_DATA, 0x30);
    out(MASTER_DATA, 0x04);
    out(MASTER_DATA, icw4);
    out(SLAVE, 0x11);
    out(SLAVE_DATA, 0x38);
    out(SLAVE_DATA, 0x02);
    out(SLAVE_DATA, icw4);
  }

  @Test
  void beforeAnyProgrammingEverythingIsMasked() {
    Pic fresh = new Pic();
    fresh.line(4).set(true);
    assertThat(fresh.pending()).isFalse();
  }

  @Test
  void aRisingEdgeRaisesIntAndIsAcknowledgedWithItsVector() {
    lines[4].set(true);
    assertThat(pic.pending()).isTrue();
    assertThat(irr(MASTER)).isEqualTo(0x10);
    assertThat(pic.acknowledge()).isEqualTo(0x34);
    assertThat(irr(MASTER)).isZero();
    assertThat(isr(MASTER)).isEqualTo(0x10);
    assertThat(pic.pending()).isFalse();
  }

  @Test
  void anEdgeTriggeredLineThatStaysHighInterruptsOnlyOnce() {
    pulse(4);
    lines[4].set(true);
    pic.acknowledge();
    out(MASTER, EOI);
    assertThat(pic.pending()).isFalse();
    lines[4].set(false);
    lines[4].set(true);
    assertThat(pic.pending()).isTrue();
  }

  @Test
  void aLevelTriggeredLineInterruptsAgainAfterEoiWhileItIsHigh() {
    pic.presetLevelTriggered(11);
    lines[11].set(true);
    assertThat(pic.acknowledge()).isEqualTo(0x3b);
    assertThat(pic.pending()).isFalse();
    eoiBoth();
    assertThat(pic.pending()).isTrue();
    assertThat(pic.acknowledge()).isEqualTo(0x3b);
    lines[11].set(false);
    eoiBoth();
    assertThat(pic.pending()).isFalse();
  }

  @Test
  void aRequestThatFallsBeforeItsAcknowledgeGivesSpuriousIrq7WithoutInService() {
    lines[3].set(true);
    lines[3].set(false);
    assertThat(pic.pending()).isFalse();
    assertThat(pic.acknowledge()).isEqualTo(0x37);
    assertThat(isr(MASTER)).isZero();
  }

  @Test
  void aSlaveRequestThatFallsBeforeItsAcknowledgeIsSpuriousAtTheMaster() {
    lines[12].set(true);
    assertThat(pic.pending()).isTrue();
    lines[12].set(false);
    assertThat(pic.pending()).isFalse();
    assertThat(pic.acknowledge()).isEqualTo(0x37);
    assertThat(isr(MASTER)).isZero();
    assertThat(isr(SLAVE)).isZero();
  }

  @Test
  void priorityIsFixedWithIrq0HighestAndTheSlaveInPlaceOfIrq2() {
    for (int irq : new int[] {7, 3, 15, 8, 1, 0}) {
      lines[irq].set(true);
    }
    int[] expected = {0x30, 0x31, 0x38, 0x3f, 0x33, 0x37};
    for (int vector : expected) {
      assertThat(pic.acknowledge()).isEqualTo(vector);
      out(MASTER, EOI);
      if (vector >= 0x38) {
        out(SLAVE, EOI);
      }
    }
    assertThat(pic.pending()).isFalse();
  }

  @Test
  void inFullyNestedModeOnlyAHigherRequestInterruptsAService() {
    lines[4].set(true);
    pic.acknowledge();
    lines[5].set(true);
    assertThat(pic.pending()).isFalse();
    lines[3].set(true);
    assertThat(pic.pending()).isTrue();
    assertThat(pic.acknowledge()).isEqualTo(0x33);
    assertThat(isr(MASTER)).isEqualTo(0x18);
    out(MASTER, EOI);
    assertThat(isr(MASTER)).as("a non-specific EOI ends the highest").isEqualTo(0x10);
    out(MASTER, EOI);
    assertThat(pic.acknowledge()).isEqualTo(0x35);
  }

  @Test
  void aMaskedRequestWaitsInIrr() {
    out(MASTER_DATA, 0x10);
    assertThat(in(MASTER_DATA)).isEqualTo(0x10);
    lines[4].set(true);
    assertThat(pic.pending()).isFalse();
    assertThat(irr(MASTER)).isEqualTo(0x10);
    out(MASTER_DATA, 0);
    assertThat(pic.pending()).isTrue();
  }

  @Test
  void aSpecificEoiEndsItsLevelOnly() {
    lines[4].set(true);
    pic.acknowledge();
    lines[3].set(true);
    pic.acknowledge();
    out(MASTER, SPECIFIC_EOI | 4);
    assertThat(isr(MASTER)).isEqualTo(0x08);
  }

  @Test
  void rotateOnNonSpecificEoiMakesTheServedLevelTheLowest() {
    lines[4].set(true);
    pic.acknowledge();
    out(MASTER, 0xa0);
    lines[3].set(true);
    lines[4].set(false);
    lines[4].set(true);
    lines[5].set(true);
    assertThat(pic.acknowledge()).as("5 is highest now").isEqualTo(0x35);
    out(MASTER, EOI);
    assertThat(pic.acknowledge()).isEqualTo(0x33);
    out(MASTER, EOI);
    assertThat(pic.acknowledge()).isEqualTo(0x34);
  }

  @Test
  void setPriorityAndRotateOnSpecificEoiChooseTheLowestLevel() {
    out(MASTER, 0xc0 | 5);
    lines[0].set(true);
    lines[6].set(true);
    assertThat(pic.acknowledge()).as("6 comes first after set priority 5").isEqualTo(0x36);
    out(MASTER, 0xe0 | 6);
    assertThat(isr(MASTER)).isZero();
    lines[6].set(false);
    lines[6].set(true);
    lines[7].set(true);
    assertThat(pic.acknowledge())
        .as("7 comes first after rotate on specific EOI 6")
        .isEqualTo(0x37);
  }

  @Test
  void automaticEoiLeavesNothingInService() {
    initialize(0x03);
    lines[4].set(true);
    lines[9].set(true);
    assertThat(pic.acknowledge()).isEqualTo(0x39);
    assertThat(isr(MASTER)).isZero();
    assertThat(isr(SLAVE)).isZero();
    assertThat(pic.acknowledge()).isEqualTo(0x34);
    assertThat(pic.pending()).isFalse();
  }

  @Test
  void withAutomaticEoiASecondSlaveRequestStillReachesTheMaster() {
    initialize(0x03);
    lines[9].set(true);
    lines[10].set(true);
    assertThat(pic.acknowledge()).isEqualTo(0x39);
    assertThat(pic.pending()).isTrue();
    assertThat(pic.acknowledge()).isEqualTo(0x3a);
  }

  @Test
  void rotateInAutomaticEoiGivesEqualTurns() {
    initialize(0x03);
    out(MASTER, 0x80);
    lines[3].set(true);
    lines[4].set(true);
    assertThat(pic.acknowledge()).isEqualTo(0x33);
    lines[3].set(false);
    lines[3].set(true);
    assertThat(pic.acknowledge()).isEqualTo(0x34);
    assertThat(pic.acknowledge()).isEqualTo(0x33);
    out(MASTER, 0x00);
    pulse(4);
    pulse(3);
    assertThat(pic.acknowledge()).as("no more rotation: 3 stays lowest").isEqualTo(0x37);
  }

  @Test
  void specialMaskModeLetsLowerLevelsInWhileTheServedOneIsMasked() {
    lines[3].set(true);
    pic.acknowledge();
    lines[5].set(true);
    assertThat(pic.pending()).isFalse();
    out(MASTER_DATA, 0x08);
    out(MASTER, 0x68);
    assertThat(pic.pending()).isTrue();
    assertThat(pic.acknowledge()).isEqualTo(0x35);
    out(MASTER, EOI);
    assertThat(isr(MASTER)).as("non-specific EOI passes the masked level over").isEqualTo(0x08);
    out(MASTER, 0x48);
    lines[6].set(true);
    assertThat(pic.pending()).as("special mask mode is off again").isFalse();
  }

  @Test
  void specialFullyNestedModeLetsAHigherSlaveRequestThrough() {
    initialize(0x11);
    lines[12].set(true);
    pic.acknowledge();
    lines[9].set(true);
    assertThat(pic.pending()).isTrue();
    assertThat(pic.acknowledge()).isEqualTo(0x39);
  }

  @Test
  void withoutSpecialFullyNestedModeTheMasterHoldsTheSlaveBack() {
    lines[12].set(true);
    pic.acknowledge();
    lines[9].set(true);
    assertThat(pic.pending()).isFalse();
    out(MASTER, EOI);
    assertThat(pic.pending()).isTrue();
    assertThat(pic.acknowledge()).isEqualTo(0x39);
  }

  @Test
  void pollTakesTheRequestAsAnAcknowledgeWould() {
    lines[6].set(true);
    out(MASTER, POLL);
    assertThat(in(MASTER)).isEqualTo(0x86);
    assertThat(isr(MASTER)).isEqualTo(0x40);
    assertThat(pic.pending()).isFalse();
    out(MASTER, POLL);
    assertThat(in(MASTER)).as("nothing to take").isZero();
  }

  @Test
  void icw1ForgetsEdgesMaskAndServiceAndReadsIrr() {
    lines[4].set(true);
    pic.acknowledge();
    lines[5].set(true);
    out(MASTER_DATA, 0xff);
    out(MASTER, READ_ISR);
    out(MASTER, 0x11);
    assertThat(in(MASTER)).as("IRR without the latched edges").isZero();
    assertThat(in(MASTER_DATA)).as("IMR").isZero();
    assertThat(isr(MASTER)).isZero();
  }

  @Test
  void icw1WithoutIcw4ClearsAutomaticEoiAndExpectsNoIcw4() {
    initialize(0x03);
    out(MASTER, 0x10);
    out(MASTER_DATA, 0x40);
    out(MASTER_DATA, 0x04);
    out(MASTER_DATA, 0x00);
    lines[4].set(true);
    assertThat(pic.acknowledge()).isEqualTo(0x44);
    assertThat(isr(MASTER)).isEqualTo(0x10);
  }

  @Test
  void icw1SingleModeExpectsNoIcw3() {
    out(MASTER, 0x13);
    out(MASTER_DATA, 0x50);
    out(MASTER_DATA, 0x01);
    out(MASTER_DATA, 0xef);
    assertThat(in(MASTER_DATA)).isEqualTo(0xef);
  }

  @Test
  void linuxProbeReadsBackTheMaskThatItWrote() {
    out(SLAVE_DATA, 0xff);
    out(MASTER_DATA, 0xfb);
    assertThat(in(MASTER_DATA)).isEqualTo(0xfb);
  }

  @Test
  void theEdgeLevelRegistersKeepTheirReservedBitsZero() {
    out(ELCR, 0xff);
    out(ELCR + 1, 0xff);
    assertThat(in(ELCR)).isEqualTo(0xf8);
    assertThat(in(ELCR + 1)).isEqualTo(0xde);
    assertThatThrownBy(() -> pic.presetLevelTriggered(8))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theListenerRunsWheneverIntChanges() {
    List<Boolean> seen = new ArrayList<>();
    pic.onChange(() -> seen.add(pic.pending()));
    lines[4].set(true);
    assertThat(seen).containsExactly(true);
    lines[3].set(true);
    assertThat(seen).as("already pending").containsExactly(true);
    pic.acknowledge();
    assertThat(seen).as("the other one has to wait").containsExactly(true, false);
    lines[1].set(true);
    assertThat(seen).containsExactly(true, false, true);
    out(MASTER_DATA, 0xff);
    assertThat(seen).as("masked").containsExactly(true, false, true, false);
  }

  @Test
  void thereIsNoLineForTheCascade() {
    assertThatThrownBy(() -> pic.line(2)).hasMessage("there is no line for IRQ 2");
  }

  private void pulse(int irq) {
    lines[irq].set(true);
    lines[irq].set(false);
  }

  private void eoiBoth() {
    out(SLAVE, EOI);
    out(MASTER, EOI);
  }

  private int irr(int port) {
    out(port, READ_IRR);
    return in(port);
  }

  private int isr(int port) {
    out(port, READ_ISR);
    return in(port);
  }

  private int in(int port) {
    return (int) ports.read(port, 1);
  }

  private void out(int port, int value) {
    ports.write(port, 1, value);
  }
}
