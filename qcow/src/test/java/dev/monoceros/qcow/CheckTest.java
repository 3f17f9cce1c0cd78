package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.monoceros.qcow.oracle.Damage;
import dev.monoceros.qcow.oracle.NeedsQemu;
import dev.monoceros.qcow.oracle.Origin;
import dev.monoceros.qcow.oracle.QemuCheck;
import dev.monoceros.qcow.oracle.QemuImg;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The report of a check is qemu-img's, line by line and number by number. */
@NeedsQemu
class CheckTest {
  private static final OpenOptions FOR_CHECK =
      OpenOptions.defaults().withFormat(ImageFormat.QCOW2).withForCheck(true);

  /** Damaged images for each origin. */
  private static final int SEEDS = Integer.getInteger("monoceros.check.seeds", 60);

  @TempDir Path directory;

  @BeforeEach
  void oracle() {
    QemuImg.require();
  }

  @ParameterizedTest
  @EnumSource
  void aGoodImageIsCleanAndDescribedAsQemuDoes(Origin origin) throws Exception {
    Path path = directory.resolve("good.qcow2");
    Files.write(path, origin.make(directory));
    QemuCheck theirs = compare(path, "good");
    assertThat(theirs.exitCode()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void aDamagedImageIsReportedAsQemuDoes(Origin origin) throws Exception {
    byte[] good = origin.make(directory);
    Path path = directory.resolve("bad.qcow2");
    int wrong = 0;
    for (int seed : IntStream.range(0, SEEDS).toArray()) {
      Files.write(path, new Damage(good, seed).apply(1 + seed % 5));
      wrong += compare(path, origin + " seed " + seed).exitCode() == 0 ? 0 : 1;
    }
    assertThat(wrong).as("damage that was noticed").isGreaterThan(SEEDS / 2);
  }

  private static QemuCheck compare(Path path, String name) throws Exception {
    QemuCheck theirs = QemuCheck.run(path, "");
    if (!theirs.opened()) {
      assertThat(catchThrowableOfType(ImageException.class, () -> ourCheck(path)))
          .as("%s: %s", name, theirs.output())
          .isNotNull();
      return theirs;
    }
    CheckReport ours = ourCheck(path);
    assertSame(ours.messages(), theirs.messages(), name);
    assertThat(ours.failure().orElse("")).as(name).isEqualTo(theirs.failure());
    if (theirs.failure().isEmpty()) {
      assertThat(fields(ours)).as("%s: %s", name, theirs.output()).isEqualTo(theirs.fields());
    }
    return theirs;
  }

  /** Reports are long; only the first difference is shown. */
  private static void assertSame(List<String> ours, List<String> theirs, String name) {
    int at = 0;
    while (at < ours.size() && at < theirs.size() && ours.get(at).equals(theirs.get(at))) {
      at++;
    }
    assertThat(ours.subList(at, Math.min(at + 3, ours.size())))
        .as("%s, line %d", name, at)
        .isEqualTo(theirs.subList(at, Math.min(at + 3, theirs.size())));
  }

  private static CheckReport ourCheck(Path path) throws ImageException {
    try (DiskImage image = DiskImage.open(path, FOR_CHECK.withReadOnly(true))) {
      return image.check(Repair.NONE);
    }
  }

  /** The report as qemu-img would print it: optional fields that are zero are left out. */
  private static Map<String, Long> fields(CheckReport report) {
    Map<String, Long> fields = new TreeMap<>();
    fields.put("check-errors", report.checkErrors());
    optional(fields, "image-end-offset", report.imageEndOffset());
    optional(fields, "corruptions", report.corruptions());
    optional(fields, "leaks", report.leaks());
    optional(fields, "corruptions-fixed", report.corruptionsFixed());
    optional(fields, "leaks-fixed", report.leaksFixed());
    optional(fields, "total-clusters", report.totalClusters());
    optional(fields, "allocated-clusters", report.allocatedClusters());
    optional(fields, "fragmented-clusters", report.fragmentedClusters());
    optional(fields, "compressed-clusters", report.compressedClusters());
    return fields;
  }

  private static void optional(Map<String, Long> fields, String name, long value) {
    if (value != 0) {
      fields.put(name, value);
    }
  }
}
