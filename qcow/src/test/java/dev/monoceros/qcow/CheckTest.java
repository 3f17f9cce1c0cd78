package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.monoceros.qcow.oracle.Damage;
import dev.monoceros.qcow.oracle.DiskModel;
import dev.monoceros.qcow.oracle.MemoryFile;
import dev.monoceros.qcow.oracle.QemuCheck;
import dev.monoceros.qcow.oracle.QemuImg;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The report of a check is qemu-img's, line by line and number by number. */
class CheckTest {
  private static final int DISK = 2 << 20;
  private static final OpenOptions FOR_CHECK =
      OpenOptions.defaults().withFormat(ImageFormat.QCOW2).withForCheck(true);

  /** Damaged images for each origin. */
  private static final int SEEDS = Integer.getInteger("monoceros.check.seeds", 60);

  @TempDir Path directory;

  @BeforeEach
  void oracle() {
    QemuImg.require();
  }

  /** Images as qemu-img makes them. */
  enum Origin {
    PLAIN("cluster_size=4096", false, false, false),
    WIDE("cluster_size=512,refcount_bits=64", false, false, false),
    NARROW("cluster_size=1024,refcount_bits=1", false, false, false),
    VERSION2("compat=0.10,cluster_size=2048", true, false, false),
    SNAPSHOT("cluster_size=4096,refcount_bits=8", true, false, false),
    BITMAPS("cluster_size=4096", false, true, false),
    COMPRESSED("cluster_size=4096", true, false, true),
    ZSTD("compression_type=zstd", false, false, true),
    SUBCLUSTERS("extended_l2=on,cluster_size=16384", true, false, false),
    BIG("cluster_size=65536", true, true, false);

    private final String options;
    private final boolean snapshot;
    private final boolean bitmap;
    private final boolean compressed;

    Origin(String options, boolean snapshot, boolean bitmap, boolean compressed) {
      this.options = options;
      this.snapshot = snapshot;
      this.bitmap = bitmap;
      this.compressed = compressed;
    }

    byte[] make(Path directory) throws IOException {
      Path raw = directory.resolve("origin.raw");
      Path image = directory.resolve("origin.qcow2");
      Files.write(raw, contents());
      String compress = compressed ? "-cW" : "-W";
      QemuImg.succeed("convert", compress, "-f", "raw", "-O", "qcow2", "-o", options, raw, image);
      if (snapshot) {
        QemuImg.succeed("snapshot", "-c", "first", image);
      }
      if (bitmap) {
        QemuImg.succeed("bitmap", "--add", image, "b0");
        QemuImg.succeed("bitmap", "--add", "--disable", image, "b1");
      }
      return MemoryFile.load(image);
    }

    /** Half of it zero; the rest compresses well in part. */
    private static byte[] contents() {
      DiskModel model = new DiskModel(DISK);
      SplittableRandom random = new SplittableRandom(7);
      for (int at = 0; at < DISK; at += 32768) {
        int kind = random.nextInt(4);
        byte[] data = DiskModel.pattern(20000, at);
        if (kind == 1) {
          java.util.Arrays.fill(data, (byte) 5);
        }
        if (kind < 3) {
          model.put(Math.min(at, DISK - data.length), data);
        }
      }
      return model.bytes();
    }
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
