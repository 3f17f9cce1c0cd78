package dev.monoceros.qcow.copy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.qcow.BackingPolicy;
import dev.monoceros.qcow.BackingReference;
import dev.monoceros.qcow.CompressionType;
import dev.monoceros.qcow.CreateOptions;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageFormat;
import dev.monoceros.qcow.OpenOptions;
import dev.monoceros.qcow.oracle.DiskModel;
import dev.monoceros.qcow.oracle.NeedsQemu;
import dev.monoceros.qcow.oracle.QemuImg;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * Any image over any chain, converted to anything: qemu-img finds the same disk in both, and what
 * qemu-img converted reads the same here.
 */
@NeedsQemu
class RandomConvertTest {
  private static final int SECTOR = 512;
  private static final String SNAPSHOT = "before";

  enum Target {
    RAW,
    QCOW2,
    SMALL_CLUSTERS,
    VERSION_2,
    EXTENDED_L2,
    COMPRESSED,
    COMPRESSED_ZSTD,
    QCOW,
    QCOW_COMPRESSED,
    OVER_BACKING;

    boolean compressed() {
      return this == COMPRESSED || this == COMPRESSED_ZSTD || this == QCOW_COMPRESSED;
    }
  }

  /**
   * What is converted.
   *
   * @param clusterBits of each image
   * @param layers images below the source
   * @param sectors of the source; those below are shorter and longer
   * @param snapshot convert what the disk was before it was written to again
   */
  record Case(
      int clusterBits,
      int layers,
      int sectors,
      boolean snapshot,
      Target target,
      long minSparse,
      long seed) {}

  @Provide
  Arbitrary<Case> cases() {
    return Combinators.combine(
            Arbitraries.integers().between(9, 16),
            Arbitraries.integers().between(0, 2),
            Arbitraries.integers().between(1, 3000),
            Arbitraries.of(true, false),
            Arbitraries.of(Target.class),
            Arbitraries.of(0L, 512L, 1536L, 4096L, 65536L),
            Arbitraries.longs())
        .as(Case::new);
  }

  @Property(tries = 40)
  void qemuImgFindsTheSameDisk(@ForAll("cases") Case what) throws Exception {
    QemuImg.require();
    Path directory = Files.createTempDirectory("convert");
    try {
      run(directory, what);
    } finally {
      for (Path file : Files.list(directory).toList()) {
        Files.delete(file);
      }
      Files.delete(directory);
    }
  }

  private static void run(Path directory, Case what) throws IOException {
    Path source = chain(directory, what);
    Path theirs = directory.resolve("theirs.raw");
    OpenOptions open =
        OpenOptions.defaults()
            .withFormat(ImageFormat.QCOW2)
            .withBacking(BackingPolicy.ALLOW)
            .withReadOnly(true);
    if (what.snapshot()) {
      open = open.withSnapshotName(Optional.of(SNAPSHOT));
      QemuImg.succeed("convert", "-f", "qcow2", "-O", "raw", "-l", SNAPSHOT, source, theirs);
    } else {
      QemuImg.succeed("convert", "-f", "qcow2", "-O", "raw", source, theirs);
    }
    Path ours = directory.resolve("ours");
    try (DiskImage image = DiskImage.open(source, open);
        DiskImage target = DiskImage.create(ours, creation(directory, what, image.size()))) {
      new DiskConverter(List.of(image), target, options(what, target), Runnable::run, 2)
          .run(CopyListener.NONE);
    }
    String format = creation(directory, what, 0).format().qemuName();
    String verdict = QemuImg.succeed("compare", "-f", "raw", "-F", format, theirs, ours);
    assertThat(verdict).isEqualTo("Images are identical.\n");
    if (format.equals("qcow2")) {
      QemuImg.assertClean(ours);
    }
    readBack(theirs, directory.resolve("back"), format, what);
  }

  /** The other direction: what qemu-img made of the disk reads the same here. */
  private static void readBack(Path raw, Path back, String format, Case what) throws IOException {
    if (what.target().compressed() && format.equals("qcow2")) {
      QemuImg.succeed("convert", "-c", "-f", "raw", "-O", format, raw, back);
    } else {
      QemuImg.succeed("convert", "-f", "raw", "-O", format, raw, back);
    }
    OpenOptions open = OpenOptions.defaults().withReadOnly(true);
    try (DiskImage a = DiskImage.open(raw, open.withFormat(ImageFormat.RAW));
        DiskImage b = DiskImage.open(back, open.withFormat(creation(null, what, 0).format()))) {
      assertThat(new DiskComparer(a, b, false).run(CopyListener.NONE).identical()).isTrue();
    }
  }

  /** The images below and the source, each with data and zeros here and there. */
  private static Path chain(Path directory, Case what) throws IOException {
    SplittableRandom random = new SplittableRandom(what.seed());
    String o = "cluster_size=" + (1 << what.clusterBits());
    Path below = null;
    for (int i = 0; i < what.layers(); i++) {
      Path layer = directory.resolve("layer" + i);
      long size = (long) SECTOR * (1 + random.nextInt(2 * what.sectors()));
      create(layer, o, below, size);
      scatter(layer, random);
      below = layer;
    }
    Path source = directory.resolve("source");
    create(source, o, below, (long) SECTOR * what.sectors());
    scatter(source, random);
    if (what.snapshot()) {
      QemuImg.succeed("snapshot", "-c", SNAPSHOT, source);
      scatter(source, random);
    }
    return source;
  }

  private static void create(Path image, String o, Path below, long size) {
    if (below == null) {
      QemuImg.succeed("create", "-q", "-f", "qcow2", "-o", o, image, size);
    } else {
      QemuImg.succeed(
          "create", "-q", "-f", "qcow2", "-o", o, "-b", below, "-F", "qcow2", image, size);
    }
  }

  private static void scatter(Path image, SplittableRandom random) throws IOException {
    OpenOptions open = OpenOptions.defaults().withBacking(BackingPolicy.ALLOW);
    try (DiskImage i = DiskImage.open(image, open)) {
      for (int n = random.nextInt(12); n > 0; n--) {
        int length = 1 + random.nextInt((int) Math.min(i.size(), 60_000));
        long offset = random.nextLong(i.size() - length + 1);
        switch (random.nextInt(5)) {
          case 0 -> i.writeZeroes(offset, length, random.nextBoolean());
          case 1 -> i.write(offset, ByteBuffer.allocate(length));
          default -> i.write(offset, ByteBuffer.wrap(DiskModel.pattern(length, n)));
        }
      }
    }
  }

  private static CreateOptions creation(Path directory, Case what, long size) {
    CreateOptions qcow2 = CreateOptions.qcow2(size);
    return switch (what.target()) {
      case RAW -> CreateOptions.raw(size);
      case QCOW2, COMPRESSED -> qcow2;
      case SMALL_CLUSTERS -> qcow2.withClusterSize(SECTOR);
      case VERSION_2 -> qcow2.withVersion(2).withClusterSize(4096);
      case EXTENDED_L2 -> qcow2.withExtendedL2(true);
      case COMPRESSED_ZSTD -> qcow2.withCompressionType(CompressionType.ZSTD);
      case QCOW, QCOW_COMPRESSED -> qcow2.withFormat(ImageFormat.QCOW);
      case OVER_BACKING ->
          what.layers() == 0 || directory == null
              ? qcow2
              : qcow2.withBacking(
                  Optional.of(
                      new BackingReference("layer" + (what.layers() - 1), Optional.of("qcow2"))));
    };
  }

  private static ConvertOptions options(Case what, DiskImage target) {
    boolean backing = what.target() == Target.OVER_BACKING && what.layers() > 0;
    ConvertOptions options =
        ConvertOptions.toExistingImage()
            .withMinSparse(what.minSparse())
            .withCompressed(what.target().compressed());
    return backing
        ? options.withTargetBacking(target.backing().orElseThrow().size())
        : options.withTargetIsZero(what.minSparse() > 0);
  }
}
