package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.qcow.oracle.Damage;
import dev.monoceros.qcow.oracle.FaultyFile;
import dev.monoceros.qcow.oracle.MemoryFile;
import dev.monoceros.qcow.oracle.NeedsQemu;
import dev.monoceros.qcow.oracle.Origin;
import dev.monoceros.qcow.oracle.QemuCheck;
import dev.monoceros.qcow.oracle.QemuImg;
import dev.monoceros.qcow.oracle.RecordingFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The power goes, or the host fails, in the middle of a repair: the image is no worse than before,
 * its data are there, and another repair finishes the work.
 */
@NeedsQemu
class RepairCutTest {
  private static final OpenOptions FOR_CHECK =
      OpenOptions.defaults().withFormat(ImageFormat.QCOW2).withForCheck(true);
  private static final int SEEDS = 6;
  private static final int CUTS = 20;

  @TempDir Path directory;

  @BeforeEach
  void oracle() {
    QemuImg.require();
  }

  private static CheckReport check(MemoryFile file, Repair repair) throws ImageException {
    try (DiskImage image = DiskImage.open(file, FOR_CHECK)) {
      return image.check(repair);
    }
  }

  private static byte[] contents(byte[] bytes) throws ImageException {
    OpenOptions options = OpenOptions.defaults().withReadOnly(true);
    try (DiskImage image = DiskImage.open(new MemoryFile(bytes), options)) {
      byte[] disk = new byte[(int) image.size()];
      image.read(0, ByteBuffer.wrap(disk));
      return disk;
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"PLAIN", "WIDE", "NARROW", "VERSION2", "SNAPSHOT", "SUBCLUSTERS"})
  void aCutInARepairLeavesAnImageThatIsNoWorse(Origin origin) throws Exception {
    byte[] good = origin.make(directory);
    byte[] disk = contents(good);
    SplittableRandom random = new SplittableRandom(17);
    int rebuilt = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
      byte[] bad = new Damage(good, 3000 + seed).applyToRefcounts(1 + seed % 5);
      long before = check(new MemoryFile(bad), Repair.NONE).corruptions();
      RecordingFile file = new RecordingFile(bad);
      CheckReport report = check(file, Repair.ALL);
      assertThat(report.clean()).as("%s seed %d: %s", origin, seed, report).isTrue();
      rebuilt += report.messages().contains("Rebuilding refcount structure") ? 1 : 0;
      assertQemuClean(file.bytes(), origin + " seed " + seed);
      for (int i = 0; i < CUTS; i++) {
        int cut = random.nextInt(file.events() + 1);
        byte[] left = i % 2 == 0 ? file.cutAt(cut) : file.cutAt(cut, random);
        String name = "%s seed %d cut %d of %d".formatted(origin, seed, cut, file.events());
        CheckReport cutReport = check(new MemoryFile(left), Repair.NONE);
        assertThat(cutReport.corruptions())
            .as("%s: %s", name, cutReport)
            .isLessThanOrEqualTo(before);
        assertThat(Arrays.mismatch(contents(left), disk)).as(name).isEqualTo(-1);
        MemoryFile again = new MemoryFile(left);
        CheckReport second = check(again, Repair.ALL);
        assertThat(second.clean()).as("%s: %s", name, second).isTrue();
        assertThat(Arrays.mismatch(contents(again.bytes()), disk)).as(name).isEqualTo(-1);
      }
    }
    assertThat(rebuilt).as("repairs that made new refcounts").isPositive();
  }

  @ParameterizedTest
  @EnumSource(names = {"PLAIN", "SNAPSHOT"})
  void aFailedAccessInARepairSurfacesAndARetrySucceeds(Origin origin) throws Exception {
    byte[] good = origin.make(directory);
    byte[] disk = contents(good);
    byte[] bad = new Damage(good, 3001).applyToRefcounts(4);
    int faults = 0;
    for (int access = 0; ; access++) {
      FaultyFile file = new FaultyFile(bad);
      CheckReport report;
      try (DiskImage image = DiskImage.open(file, FOR_CHECK)) {
        file.failAfter(
            access, 1, access % 2 == 0 ? "Input/output error" : "No space left on device");
        report = attempt(image);
        if (file.fired()) {
          faults++;
          assertThat(report).as("access %d", access).isNull();
          file.heal();
          report = image.check(Repair.ALL);
        }
        assertThat(report.clean()).as("access %d: %s", access, report).isTrue();
      }
      assertThat(Arrays.mismatch(contents(file.bytes()), disk)).isEqualTo(-1);
      if (access % 10 == 0 || !file.fired()) {
        assertQemuClean(file.bytes(), "access " + access);
      }
      if (!file.fired()) {
        break;
      }
    }
    assertThat(faults).isGreaterThan(5);
  }

  private static CheckReport attempt(DiskImage image) {
    try {
      return image.check(Repair.ALL);
    } catch (ImageException e) {
      assertThat(e.operation()).isEqualTo(Operation.CHECK);
      assertThat(e).hasCauseInstanceOf(java.io.IOException.class);
      return null;
    }
  }

  /** Takes the extra data out of the only snapshot's table entry, as version 2 allows it. */
  private static byte[] withExtraData(byte[] good, int length) {
    int table = (int) ByteBuffer.wrap(good).getLong(64);
    // The table may be the last thing in the file, which need not hold all of its cluster.
    byte[] bytes = Arrays.copyOf(good, Math.max(good.length, table + 4096));
    ByteBuffer image = ByteBuffer.wrap(bytes);
    int old = image.getInt(table + 36);
    int texts = image.getShort(table + 12) + image.getShort(table + 14);
    byte[] names = Arrays.copyOfRange(bytes, table + 40 + old, table + 40 + old + texts);
    Arrays.fill(bytes, table + 40 + Math.min(old, length), table + 3500, (byte) 0);
    System.arraycopy(names, 0, bytes, table + 40 + length, texts);
    image.putInt(table + 36, length);
    return bytes;
  }

  @Test
  void aSnapshotTableIsMendedAsQemuMendsIt() throws Exception {
    byte[] good = Origin.SNAPSHOT.make(directory);
    for (int extra : new int[] {0, 8, 15, 2000}) {
      byte[] bad = withExtraData(good, extra);
      Path theirs = directory.resolve("theirs.qcow2");
      Path ours = directory.resolve("ours.qcow2");
      Files.write(theirs, bad);
      Files.write(ours, bad);
      QemuCheck wanted = QemuCheck.run(theirs, "all");
      RecordingFile file = new RecordingFile(bad);
      CheckReport report = check(file, Repair.ALL);
      assertThat(report.messages())
          .isEqualTo(
              wanted.messages().stream()
                  .takeWhile(line -> !line.startsWith("Double checking"))
                  .toList());
      assertThat(report.corruptionsFixed()).isEqualTo(wanted.field("corruptions-fixed"));
      Files.write(ours, file.bytes());
      QemuImg.assertClean(ours);
      assertThat(QemuImg.succeed("snapshot", "-l", ours))
          .isEqualTo(QemuImg.succeed("snapshot", "-l", theirs));
      for (int cut = 0; cut <= file.events(); cut++) {
        MemoryFile left = new MemoryFile(file.cutAt(cut));
        CheckReport second = check(left, Repair.ALL);
        assertThat(second.clean()).as("extra %d cut %d: %s", extra, cut, second).isTrue();
        assertThat(Arrays.mismatch(contents(left.bytes()), contents(good))).isEqualTo(-1);
      }
    }
  }

  private void assertQemuClean(byte[] bytes, String name) throws Exception {
    Path path = directory.resolve("left.qcow2");
    Files.write(path, bytes);
    QemuImg.Result result = QemuImg.run("check", path);
    assertThat(result.exitCode()).as("%s: %s", name, result.output()).isZero();
  }
}
