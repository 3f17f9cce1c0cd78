package dev.monoceros.machine.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class MmioSlotsTest {
  private final AddressBus mmio = new AddressBus("memory", 1L << 32);
  private boolean irq;
  private final MmioSlots slots =
      new MmioSlots(mmio, 0x1000_0000L, 0x1000_0800L, 5, high -> irq = high);

  @Test
  void slotsFollowEachOtherNaturallyAlignedAndAnswerThere() {
    slots.add("one", 0x200, new RecordingRegion(1));
    slots.add("two", 0x400, new RecordingRegion(2));
    assertThat(slots.taken())
        .containsExactly(
            new MmioSlot(0x1000_0000L, 0x200, 5), new MmioSlot(0x1000_0400L, 0x400, 5));
    assertThat(mmio.isFree(0x1000_0200L, 0x200)).isTrue();
    assertThat(mmio.isFree(0x1000_0400L, 1)).isFalse();
  }

  @Test
  void theInterruptIsUpWhileAnySlotAssertsIt() {
    InterruptLine one = slots.add("one", 0x200, new RecordingRegion(1));
    InterruptLine two = slots.add("two", 0x200, new RecordingRegion(2));
    one.set(true);
    two.set(true);
    one.set(false);
    assertThat(irq).isTrue();
    two.set(false);
    assertThat(irq).isFalse();
  }

  @Test
  void aDeviceThatFindsNoRoomIsNamed() {
    slots.add("one", 0x800, new RecordingRegion(1));
    assertThatThrownBy(() -> slots.add("two", 0x200, new RecordingRegion(2)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("two");
  }
}
