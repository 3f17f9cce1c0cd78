package dev.monoceros.machine.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class AddressBusTest {
  private final AddressBus bus = new AddressBus("ports", 0x10000);
  private final RecordingRegion region = new RecordingRegion(0x1122_3344_5566_7788L);

  @Test
  void anAccessReachesItsRegionWithTheOffsetInIt() {
    bus.register("dev", 0x100, 0x10, region);
    assertThat(bus.read(0x104, 4)).isEqualTo(0x5566_7788L);
    bus.write(0x10f, 1, 0x1ab);
    assertThat(region.log).containsExactly("r4@4", "w1@f=ab");
  }

  @Test
  void unclaimedReadsGiveAllOnesAndAreCounted() {
    assertThat(bus.read(0x50, 1)).isEqualTo(0xff);
    assertThat(bus.read(0x50, 2)).isEqualTo(0xffff);
    assertThat(bus.read(0x50, 4)).isEqualTo(0xffff_ffffL);
    assertThat(bus.read(0x50, 8)).isEqualTo(-1L);
    bus.write(0x50, 4, 1);
    assertThat(bus.unclaimedReads()).isEqualTo(4);
    assertThat(bus.unclaimedWrites()).isEqualTo(1);
  }

  @Test
  void anAccessAcrossARegionsEndIsCutIntoBytes() {
    RecordingRegion next = new RecordingRegion(0x42);
    bus.register("dev", 0x100, 0x10, region);
    bus.register("next", 0x110, 1, next);
    assertThat(bus.read(0x10f, 4)).isEqualTo(0xffff_4288L);
    bus.write(0x10e, 4, 0xdead_beefL);
    assertThat(region.log).containsExactly("r1@f", "w1@e=ef", "w1@f=be");
    assertThat(next.log).containsExactly("r1@0", "w1@0=ad");
    assertThat(bus.unclaimedReads()).isEqualTo(1);
    assertThat(bus.unclaimedWrites()).isEqualTo(1);
  }

  @Test
  void anAccessThatBeginsBeforeARegionReachesItsFirstBytes() {
    bus.register("dev", 0x100, 0x10, region);
    assertThat(bus.read(0xff, 2)).isEqualTo(0x88ff);
  }

  @Test
  void anAccessBeyondTheLastAddressReadsOnes() {
    bus.register("dev", 0xfff0, 0x10, region);
    assertThat(bus.read(0xffff, 4)).isEqualTo(0xffff_ff88L);
    assertThat(bus.read(-1, 8)).isEqualTo(-1L);
    assertThat(bus.read(Long.MAX_VALUE, 8)).isEqualTo(-1L);
  }

  @Test
  void overlappingRangesAreRefusedByName() {
    bus.register("first", 0x100, 0x10, region);
    assertThatThrownBy(() -> bus.register("second", 0x10f, 1, region))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("second at 0x10f-0x10f overlaps first at 0x100-0x10f on bus ports");
    assertThat(bus.isFree(0xff, 2)).isFalse();
    assertThat(bus.isFree(0x110, 0x10)).isTrue();
  }

  @Test
  void aRangeThatLeavesTheBusIsRefused() {
    assertThatThrownBy(() -> bus.register("dev", 0xffff, 2, region))
        .hasMessageContaining("do not fit on bus ports");
    assertThatThrownBy(() -> bus.register("dev", -1, 2, region))
        .hasMessageContaining("do not fit on bus ports");
    assertThatThrownBy(() -> bus.register("dev", 1, Long.MAX_VALUE, region))
        .hasMessageContaining("do not fit on bus ports");
  }

  @Test
  void aClosedRegistrationGivesItsRangeBackEvenIfItWasTheLastOneUsed() {
    Registration registration = bus.register("dev", 0x100, 0x10, region);
    assertThat(bus.read(0x100, 1)).isEqualTo(0x88);
    registration.close();
    registration.close();
    assertThat(bus.read(0x100, 1)).isEqualTo(0xff);
    bus.register("other", 0x100, 0x10, new RecordingRegion(7));
    assertThat(bus.read(0x100, 1)).isEqualTo(7);
  }

  @Test
  void aSizeThatNoCpuHasIsOurOwnFault() {
    assertThatThrownBy(() -> bus.read(0, 3)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aByteRegionSeesWideAccessesAsBytesLowestFirst() {
    byte[] registers = {1, 2, 3, 4};
    bus.register(
        "isa",
        0x20,
        4,
        new ByteRegion() {
          @Override
          public int readByte(int offset) {
            return registers[offset];
          }

          @Override
          public void writeByte(int offset, int value) {
            registers[offset] = (byte) value;
          }
        });
    assertThat(bus.read(0x20, 4)).isEqualTo(0x04030201L);
    bus.write(0x21, 2, 0xbbaa);
    assertThat(registers).containsExactly(1, 0xaa, 0xbb, 4);
  }

  /** The model says of every address who owns it. */
  @Property
  void everyByteGoesToItsOwner(
      @ForAll @Size(max = 30) List<@IntRange(max = 0xffff) Integer> places,
      @ForAll @IntRange(max = 0xffff) int probe) {
    AddressBus map = new AddressBus("m", 0x10000);
    TreeMap<Integer, Integer> owners = new TreeMap<>();
    for (int place : places) {
      int length = place % 97 + 1;
      if (map.isFree(place, length)) {
        int id = place & 0x7f;
        map.register("r", place, length, new RecordingRegion(id));
        for (int i = 0; i < length; i++) {
          owners.put(place + i, id);
        }
      }
    }
    assertThat(map.read(probe, 1)).isEqualTo(owners.getOrDefault(probe, 0xff).longValue());
  }

  @Test
  void aSharedLineIsAssertedWhileAnySharerAssertsIt() {
    int[] level = {0};
    SharedLine line = new SharedLine(on -> level[0] = on ? 1 : 0);
    InterruptLine a = line.input();
    InterruptLine b = line.input();
    a.set(true);
    a.set(true);
    b.set(true);
    a.set(false);
    assertThat(level[0]).isEqualTo(1);
    b.set(false);
    assertThat(level[0]).isEqualTo(0);
  }
}
