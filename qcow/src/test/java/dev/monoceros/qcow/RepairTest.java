package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.qcow.oracle.Damage;
import dev.monoceros.qcow.oracle.NeedsQemu;
import dev.monoceros.qcow.oracle.Origin;
import dev.monoceros.qcow.oracle.QemuCheck;
import dev.monoceros.qcow.oracle.QemuImg;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A repair does what qemu-img's does: qemu-img finds nothing left to say, and reads the same. */
@NeedsQemu
class RepairTest {
  private static final OpenOptions FOR_CHECK =
      OpenOptions.defaults().withFormat(ImageFormat.QCOW2).withForCheck(true);

  /** Damaged images for each origin. */
  private static final int SEEDS = Integer.getInteger("monoceros.check.seeds", 12);

  @TempDir Path directory;

  @BeforeEach
  void oracle() {
    QemuImg.require();
  }

  @ParameterizedTest
  @EnumSource
  void whatQemuRepairsWeRepair(Origin origin) throws Exception {
    byte[] good = origin.make(directory);
    int compared = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
      byte[] bad = new Damage(good, 1000 + seed).apply(1 + seed % 5);
      compared += compare(bad, Repair.ALL, origin + " seed " + seed) ? 1 : 0;
    }
    assertThat(compared).as("images that qemu-img repaired").isPositive();
  }

  @ParameterizedTest
  @EnumSource(names = {"PLAIN", "SNAPSHOT", "SUBCLUSTERS"})
  void whatQemuMendsOfLeaksWeMend(Origin origin) throws Exception {
    byte[] good = origin.make(directory);
    for (int seed = 0; seed < SEEDS; seed++) {
      byte[] bad = new Damage(good, 2000 + seed).apply(1);
      compare(bad, Repair.LEAKS, origin + " seed " + seed);
    }
  }

  /** True if qemu-img's own repair left an image that it finds clean. */
  private boolean compare(byte[] bad, Repair repair, String name) throws Exception {
    Path theirPath = directory.resolve("theirs.qcow2");
    Path ourPath = directory.resolve("ours.qcow2");
    Files.write(theirPath, bad);
    Files.write(ourPath, bad);
    QemuCheck before = QemuCheck.run(theirPath, "");
    if (!before.opened()) {
      return false;
    }
    CheckReport ours;
    try (DiskImage image = DiskImage.open(ourPath, FOR_CHECK)) {
      ours = image.check(repair);
    }
    QemuCheck ourEnd = QemuCheck.run(ourPath, "");
    if (before.output().contains("is outside image")) {
      // QEMU makes the file as long as a wild entry says, for minutes and over terabytes; we do
      // not.
      assertThat(Files.size(ourPath)).as(name).isLessThan(2L * bad.length);
      if (repair == Repair.ALL) {
        assertThat(ourEnd.output()).as(name).doesNotContain("is outside image");
      }
      return false;
    }
    QemuCheck theirs = QemuCheck.run(theirPath, repair == Repair.ALL ? "all" : "leaks");
    QemuCheck theirEnd = QemuCheck.run(theirPath, "");
    if (theirEnd.exitCode() != 0) {
      assertThat(ourEnd.opened()).as("%s: %s", name, tail(ourEnd.output())).isTrue();
      return false;
    }
    assertThat(ourEnd.exitCode())
        .as(
            "%s: %s\nours: %s\nleft: %s",
            name, tail(theirs.output()), tail(ours), tail(ourEnd.output()))
        .isZero();
    assertSame(ours.messages(), withoutSecondCheck(theirs.messages()), name);
    QemuImg.Result same = QemuImg.run("compare", theirPath, ourPath);
    if (!same.output().contains("Error while reading")) {
      assertThat(same.exitCode()).as("%s: %s", name, same.output()).isZero();
    }
    return true;
  }

  /** The end of a long text. */
  private static String tail(Object text) {
    String all = text.toString();
    return all.substring(Math.max(0, all.length() - 1500));
  }

  /** After a repair qemu-img checks again; the lines of that follow an announcement. */
  private static List<String> withoutSecondCheck(List<String> messages) {
    int end = messages.indexOf("Double checking the fixed image now...");
    return end < 0 ? messages : messages.subList(0, end);
  }

  private static void assertSame(List<String> ours, List<String> theirs, String name) {
    int at = 0;
    while (at < ours.size() && at < theirs.size() && ours.get(at).equals(theirs.get(at))) {
      at++;
    }
    assertThat(ours.subList(at, Math.min(at + 3, ours.size())))
        .as("%s, line %d", name, at)
        .isEqualTo(theirs.subList(at, Math.min(at + 3, theirs.size())));
  }
}
