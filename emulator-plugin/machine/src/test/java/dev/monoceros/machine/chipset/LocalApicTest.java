package dev.monoceros.machine.chipset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.machine.bus.AddressBus;
import dev.monoceros.machine.bus.InterruptMessage;
import dev.monoceros.machine.bus.InterruptMessage.DeliveryMode;
import dev.monoceros.machine.time.TestTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** SDM volume 3, chapter 11, through the registers as an operating system uses them. */
class LocalApicTest {
  private static final long BASE = 0xfee0_0000L;
  private static final int TPR = 0x80;
  private static final int PPR = 0xa0;
  private static final int EOI = 0xb0;
  private static final int LDR = 0xd0;
  private static final int DFR = 0xe0;
  private static final int SVR = 0xf0;
  private static final int ISR = 0x100;
  private static final int IRR = 0x200;
  private static final int ESR = 0x280;
  private static final int ICR = 0x300;
  private static final int LVT_TIMER = 0x320;
  private static final int LVT_LINT0 = 0x350;
  private static final int LVT_ERROR = 0x370;
  private static final int INITIAL = 0x380;
  private static final int CURRENT = 0x390;
  private static final int DIVIDE = 0x3e0;
  private static final int MASKED = 1 << 16;

  private final TestTime time = new TestTime();
  private final AddressBus mmio = new AddressBus("mmio", 1L << 32);
  private final AddressBus ports = new AddressBus("ports", 1 << 16);
  private final Pic pic = new Pic();
  private final LocalApic apic = new LocalApic(time.events, pic);
  private final List<Integer> ended = new ArrayList<>();
  private int changes;

  @BeforeEach
  void switchOn() {
    apic.attach(mmio);
    pic.attach(ports);
    ports.write(0x21, 1, 0);
    apic.onEndOfLevel(ended::add);
    write(SVR, 0x1ff);
    apic.onChange(() -> changes++);
  }

  private int read(int register) {
    return (int) mmio.read(BASE + register, 4);
  }

  private void write(int register, int value) {
    mmio.write(BASE + register, 4, value);
  }

  private void fixed(int vector) {
    apic.send(new InterruptMessage(vector, DeliveryMode.FIXED, false, false, 0));
  }

  @Test
  void afterResetThe8259sComeThroughAndNothingElse() {
    LocalApic fresh = new LocalApic(time.events, pic);
    fresh.send(new InterruptMessage(0x40, DeliveryMode.FIXED, false, false, 0));
    assertThat(fresh.pending()).as("off by software").isFalse();
    pic.line(4).set(true);
    assertThat(fresh.pending()).isTrue();
    assertThat(fresh.acknowledge()).isEqualTo(0x0c);
    assertThat(fresh.pending()).isFalse();
  }

  @Test
  void lint0MaskedKeepsThe8259sOut() {
    write(LVT_LINT0, 0x10700);
    pic.line(4).set(true);
    assertThat(apic.pending()).isFalse();
    write(LVT_LINT0, 0x700);
    assertThat(apic.pending()).isTrue();
    assertThat(changes).isEqualTo(1);
    pic.line(4).set(false);
    assertThat(apic.pending()).as("gone with the request").isFalse();
  }

  @Test
  void theHighestVectorGoesFirstAndBlocksItsClassUntilItsEnd() {
    fixed(0x41);
    fixed(0x4f);
    fixed(0x52);
    assertThat(read(IRR + 0x20)).isEqualTo(1 << 1 | 1 << 0xf | 1 << 0x12);
    assertThat(apic.acknowledge()).isEqualTo(0x52);
    assertThat(read(ISR + 0x20)).isEqualTo(1 << 0x12);
    assertThat(read(PPR)).isEqualTo(0x50);
    assertThat(apic.pending()).isFalse();
    fixed(0x61);
    assertThat(apic.acknowledge()).as("a higher class nests").isEqualTo(0x61);
    write(EOI, 0);
    assertThat(apic.pending()).isFalse();
    write(EOI, 0);
    assertThat(apic.acknowledge()).isEqualTo(0x4f);
    assertThat(apic.pending()).as("0x41 is of the same class").isFalse();
    write(EOI, 0);
    assertThat(apic.acknowledge()).isEqualTo(0x41);
    write(EOI, 0);
    assertThat(apic.pending()).isFalse();
    assertThat(ended).as("all of them edge triggered").isEmpty();
  }

  @Test
  void theTaskPriorityHoldsBackItsClassAndThoseBelow() {
    write(TPR, 0x45);
    fixed(0x4f);
    assertThat(apic.pending()).isFalse();
    assertThat(read(PPR)).isEqualTo(0x45);
    assertThat(apic.acknowledge()).as("taken too early: spurious").isEqualTo(0xff);
    assertThat(read(ISR + 0x20)).isZero();
    write(TPR, 0x30);
    assertThat(apic.acknowledge()).isEqualTo(0x4f);
  }

  @Test
  void theEndOfALevelTriggeredInterruptIsToldAndOnlyThat() {
    apic.send(new InterruptMessage(0x40, DeliveryMode.FIXED, true, false, 0));
    assertThat(apic.acknowledge()).isEqualTo(0x40);
    write(EOI, 0);
    assertThat(ended).containsExactly(0x40);
    fixed(0x40);
    apic.acknowledge();
    write(EOI, 0);
    assertThat(ended).containsExactly(0x40);
  }

  @Test
  void aVectorRequestedTwiceIsTakenOnceMoreAfterItIsInService() {
    fixed(0x40);
    fixed(0x40);
    assertThat(apic.acknowledge()).isEqualTo(0x40);
    fixed(0x40);
    assertThat(apic.pending()).isFalse();
    write(EOI, 0);
    assertThat(apic.acknowledge()).isEqualTo(0x40);
    write(EOI, 0);
    assertThat(apic.pending()).isFalse();
  }

  @Test
  void destinations() {
    write(LDR, 0x02 << 24);
    assertThat(accepts(false, 0)).isTrue();
    assertThat(accepts(false, 1)).isFalse();
    assertThat(accepts(false, 0xff)).isTrue();
    assertThat(accepts(true, 0x03)).isTrue();
    assertThat(accepts(true, 0x01)).isFalse();
    write(DFR, 0x0fff_ffff);
    write(LDR, 0x21 << 24);
    assertThat(accepts(true, 0x23)).as("cluster 2").isTrue();
    assertThat(accepts(true, 0x31)).as("cluster 3").isFalse();
    assertThat(accepts(true, 0xf1)).as("all clusters").isTrue();
  }

  private boolean accepts(boolean logical, int destination) {
    apic.send(
        new InterruptMessage(0x40, DeliveryMode.LOWEST_PRIORITY, false, logical, destination));
    boolean taken = apic.pending();
    if (taken) {
      apic.acknowledge();
      write(EOI, 0);
    }
    return taken;
  }

  @Test
  void anInterProcessorInterruptReachesTheSenderBySelfByAllAndById() {
    write(ICR, 1 << 18 | 0x41);
    assertThat(apic.acknowledge()).isEqualTo(0x41);
    write(EOI, 0);
    write(ICR, 2 << 18 | 0x42);
    assertThat(apic.acknowledge()).isEqualTo(0x42);
    write(EOI, 0);
    write(ICR, 3 << 18 | 0x43);
    assertThat(apic.pending()).as("all but self").isFalse();
    write(ICR + 0x10, 0);
    write(ICR, 0x44);
    assertThat(apic.acknowledge()).isEqualTo(0x44);
    assertThat(read(ICR)).as("delivered").isEqualTo(0x44);
    write(EOI, 0);
    write(ICR + 0x10, 1 << 24);
    write(ICR, 0x45);
    assertThat(apic.pending()).as("nobody has that ID").isFalse();
  }

  @Test
  void illegalVectorsAndRegistersAreErrors() {
    write(LVT_ERROR, 0xfe);
    fixed(0x0f);
    assertThat(apic.acknowledge()).isEqualTo(0xfe);
    write(EOI, 0);
    assertThat(read(ESR)).as("shown after a write only").isZero();
    write(ESR, 0);
    assertThat(read(ESR)).isEqualTo(1 << 6);
    write(ICR, 1 << 18 | 0x05);
    write(0x3f0, 1);
    write(ESR, 0);
    assertThat(read(ESR)).isEqualTo(1 << 5 | 1 << 7);
    write(ESR, 0);
    assertThat(read(ESR)).isZero();
  }

  @Test
  void aSoftwareDisabledApicMasksItsLocalVectorsAndTakesNothing() {
    write(LVT_TIMER, 0x30);
    write(SVR, 0xff);
    assertThat(read(LVT_TIMER)).isEqualTo(MASKED | 0x30);
    assertThat(read(LVT_LINT0)).isEqualTo(MASKED | 0x700);
    write(LVT_TIMER, 0x30);
    assertThat(read(LVT_TIMER)).as("cannot be unmasked").isEqualTo(MASKED | 0x30);
    fixed(0x40);
    assertThat(apic.pending()).isFalse();
  }

  @Test
  void aOneShotTimerFiresOnceAfterItsCountTimesTheDivider() {
    write(LVT_TIMER, 0x30);
    write(DIVIDE, 0x3); // by 16
    write(INITIAL, 1000);
    time.runTo(time.now() + 8000);
    assertThat(read(CURRENT)).isEqualTo(500);
    time.runTo(time.now() + 7999);
    assertThat(apic.pending()).isFalse();
    assertThat(read(CURRENT)).isEqualTo(1);
    time.runTo(time.now() + 1);
    assertThat(apic.acknowledge()).isEqualTo(0x30);
    assertThat(read(CURRENT)).isZero();
    write(EOI, 0);
    time.runTo(time.now() + 1_000_000);
    assertThat(apic.pending()).isFalse();
  }

  @Test
  void aPeriodicTimerFiresWithoutDrift() {
    write(LVT_TIMER, 1 << 17 | 0x30);
    write(DIVIDE, 0xb); // by 1
    write(INITIAL, 300);
    int fired = 0;
    long end = time.now() + 3000;
    while (time.now() < end) {
      time.runTo(time.now() + 70);
      if (apic.pending()) {
        fired++;
        apic.acknowledge();
        write(EOI, 0);
      }
    }
    assertThat(fired).isEqualTo(10);
  }

  @Test
  void aMaskedTimerCountsOnAndFiresWhenUnmaskedInTime() {
    write(DIVIDE, 0xb);
    write(LVT_TIMER, MASKED | 1 << 17 | 0x30);
    write(INITIAL, 100);
    time.runTo(time.now() + 250);
    assertThat(apic.pending()).isFalse();
    assertThat(read(CURRENT)).isEqualTo(50);
    write(LVT_TIMER, 1 << 17 | 0x30);
    time.runTo(time.now() + 49);
    assertThat(apic.pending()).isFalse();
    time.runTo(time.now() + 1);
    assertThat(apic.pending()).isTrue();
  }

  @Test
  void theCountGoesOnFromWhereItIsWhenTheDividerChanges() {
    write(LVT_TIMER, 0x30);
    write(DIVIDE, 0xb);
    write(INITIAL, 1000);
    time.runTo(time.now() + 400);
    write(DIVIDE, 0x0); // by 2
    time.runTo(time.now() + 1199);
    assertThat(apic.pending()).isFalse();
    time.runTo(time.now() + 1);
    assertThat(apic.pending()).isTrue();
  }

  @Test
  void anInitialCountOfZeroStopsTheTimer() {
    write(LVT_TIMER, 0x30);
    write(INITIAL, 1000);
    write(INITIAL, 0);
    time.runTo(time.now() + 10_000);
    assertThat(apic.pending()).isFalse();
  }

  @Test
  void identityAsLinuxLooksForIt() {
    assertThat(read(0x30) & 0xff).as("integrated").isEqualTo(0x14);
    assertThat(read(0x30) >>> 16 & 0xff).as("last LVT entry").isEqualTo(5);
    assertThat(read(0x20)).isZero();
    assertThat(mmio.read(BASE + 0x34, 4)).as("between registers").isZero();
  }

  @Test
  void nonMaskableInterruptsGoToTheCpu() {
    int[] arrived = {0};
    apic.onNonMaskable(() -> arrived[0]++);
    apic.send(new InterruptMessage(0, DeliveryMode.NMI, false, false, 0));
    write(ICR, 1 << 18 | 4 << 8);
    assertThat(arrived[0]).isEqualTo(2);
    assertThat(apic.pending()).isFalse();
  }
}
