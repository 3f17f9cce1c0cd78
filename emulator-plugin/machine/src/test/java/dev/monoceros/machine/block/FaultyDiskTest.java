package dev.monoceros.machine.block;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.testing.BlkDriver;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FaultyDiskTest {
  private static final int OK = BlkDriver.S_OK;
  private static final int IOERR = BlkDriver.S_IOERR;
  private static final int SECTORS = 1024;

  private final MemoryDisk behind = new MemoryDisk(SECTORS * 512, false);

  private DiskRig rig(long seed, String... rules) {
    List<FaultRule> parsed =
        Arrays.stream(rules).map(text -> FaultRule.parse(text, Long::parseLong)).toList();
    return new DiskRig(new FaultyDisk(behind, new FaultPlan(seed, parsed)));
  }

  private byte[] stored(int sector, int sectors) throws Exception {
    byte[] bytes = new byte[sectors * 512];
    behind.read(sector * 512L, MemorySegment.ofArray(bytes));
    return bytes;
  }

  private static List<Integer> failing(DiskRig rig, int reads) {
    List<Integer> failed = new ArrayList<>();
    for (int i = 1; i <= reads; i++) {
      if (rig.read(0, 1).status() != OK) {
        failed.add(i);
      }
    }
    return failed;
  }

  @Test
  void exactlyTheReadOfThatNumberFails() {
    assertThat(failing(rig(0, "read:error@3"), 10)).containsExactly(3);
    assertThat(failing(rig(0, "read:error@3-5"), 10)).containsExactly(3, 4, 5);
    assertThat(failing(rig(0, "read:error@8-"), 10)).containsExactly(8, 9, 10);
    assertThat(failing(rig(0, "read:error@every:4"), 10)).containsExactly(4, 8);
    assertThat(failing(rig(0, "read:error@every:2@5-8"), 10)).containsExactly(6, 8);
    assertThat(failing(rig(0, "write:error", "flush:error"), 10)).isEmpty();
  }

  @Test
  void onlyOperationsThatTouchTheSectorsFail() {
    DiskRig rig = rig(0, "read:error@sector:100-101");

    assertThat(rig.read(99, 1).status()).isEqualTo(OK);
    assertThat(rig.read(98, 3).status()).isEqualTo(IOERR);
    assertThat(rig.read(101, 1).status()).isEqualTo(IOERR);
    assertThat(rig.read(102, 1).status()).isEqualTo(OK);
    assertThat(rig.write(100, 1, 1)).isEqualTo(OK);
  }

  @Test
  void chanceIsTheSameForTheSameSeedAndAboutAsOftenAsItSays() {
    List<Integer> first = failing(rig(1, "read:error@p0.1"), 1000);

    assertThat(first).hasSizeBetween(60, 140);
    assertThat(failing(rig(1, "read:error@p0.1"), 1000)).isEqualTo(first);
    assertThat(failing(rig(2, "read:error@p0.1"), 1000)).isNotEqualTo(first);
    assertThat(failing(rig(1, "read:error@p0"), 100)).isEmpty();
    assertThat(failing(rig(1, "read:error@p1"), 100)).hasSize(100);
  }

  @Test
  void anyCountsOperationsOfAllKinds() {
    DiskRig rig = rig(0, "any:error@3");

    assertThat(rig.read(0, 1).status()).isEqualTo(OK);
    assertThat(rig.write(0, 1, 1)).isEqualTo(OK);
    assertThat(rig.flush()).isEqualTo(IOERR);
    assertThat(rig.flush()).isEqualTo(OK);
  }

  @Test
  void aWriteThatFailsStoresNothing() throws Exception {
    DiskRig rig = rig(0, "write:error@1", "zero:error@1", "discard:error@1");
    behind.write(0, MemorySegment.ofArray(DiskRig.filled(16, 1)));

    assertThat(rig.write(0, 16, 2)).isEqualTo(IOERR);
    assertThat(rig.change(BlkDriver.T_WRITE_ZEROES, 0, 16)).isEqualTo(IOERR);
    assertThat(rig.change(BlkDriver.T_DISCARD, 0, 16)).isEqualTo(IOERR);

    assertThat(stored(0, 16)).isEqualTo(DiskRig.filled(16, 1));
    assertThat(rig.block.counts().failed()).isEqualTo(3);
  }

  @Test
  void aTornWriteStoresSomeWholeSectorsFromItsStartAndFails() throws Exception {
    DiskRig rig = rig(5, "write:torn");
    List<Integer> kept = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      int from = i * 20;
      assertThat(rig.write(from, 16, 3)).isEqualTo(IOERR);
      byte[] after = stored(from, 20);
      int sectors = (int) IntStream.range(0, 16).filter(s -> after[s * 512] == 3).count();
      byte[] expected = new byte[20 * 512];
      Arrays.fill(expected, 0, sectors * 512, (byte) 3);
      assertThat(after).isEqualTo(expected);
      kept.add(sectors);
    }
    assertThat(kept).allMatch(sectors -> sectors < 16).contains(0, 15);
    assertThat(kept.stream().distinct().count()).isGreaterThan(8);
  }

  @Test
  void tornZeroingZeroesSomeSectorsAndFails() throws Exception {
    behind.write(0, MemorySegment.ofArray(DiskRig.filled(64, 9)));
    DiskRig rig = rig(3, "zero:torn");

    assertThat(rig.change(BlkDriver.T_WRITE_ZEROES, 0, 64)).isEqualTo(IOERR);

    byte[] after = stored(0, 64);
    int zeroed = (int) IntStream.range(0, 64).filter(s -> after[s * 512] == 0).count();
    byte[] expected = DiskRig.filled(64, 9);
    Arrays.fill(expected, 0, zeroed * 512, (byte) 0);
    assertThat(zeroed).isBetween(1, 63);
    assertThat(after).isEqualTo(expected);
  }

  @Test
  void aDelayIsVirtualTimeOnTopOfTheLatency() {
    DiskRig plain = rig(0);
    DiskRig slow = rig(0, "read:delay=5000000@2", "any:delay=7@2");
    long usual = plain.read(0, 8).nanos();

    assertThat(slow.read(0, 8)).isEqualTo(new DiskRig.Outcome(OK, usual));
    assertThat(slow.read(0, 8)).isEqualTo(new DiskRig.Outcome(OK, usual + 5_000_007));
    assertThat(slow.read(0, 8)).isEqualTo(new DiskRig.Outcome(OK, usual));
  }

  @Test
  void aFaultOfOneKindComesWithADelayOfAnother() {
    DiskRig slow = rig(0, "read:delay=1000", "read:error@1");
    DiskRig.Outcome first = slow.read(0, 8);

    assertThat(first.status()).isEqualTo(IOERR);
    assertThat(first.nanos()).isEqualTo(slow.read(0, 8).nanos());
  }

  @Test
  void anInjectedFaultIsNoFailureOfTheDisk() {
    FaultyDisk disk =
        new FaultyDisk(
            behind, new FaultPlan(0, List.of(FaultRule.parse("read:error", Long::parseLong))));
    DiskRig rig = new DiskRig(disk);

    assertThat(rig.read(0, 1).status()).isEqualTo(IOERR);
    assertThat(disk.failure()).isEmpty();
    assertThat(rig.block.lastError()).get().asString().contains("injected by read:error");
  }
}
