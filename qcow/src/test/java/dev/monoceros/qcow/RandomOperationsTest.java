package dev.monoceros.qcow;

import dev.monoceros.qcow.oracle.DiskModel;
import dev.monoceros.qcow.oracle.NeedsQemu;
import dev.monoceros.qcow.oracle.QemuImg;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Any sequence of operations on any geometry: the disk is the model's, and qemu-img agrees. */
@NeedsQemu
class RandomOperationsTest {
  private static final int SIZE = (1 << 20) - 512;

  /** One step; {@code at} and {@code length} are fractions of the disk in 1/2^20. */
  record Step(Kind kind, int at, int length) {}

  enum Kind {
    WRITE,
    WRITE_SMALL,
    ZERO,
    ZERO_KEEP,
    DISCARD,
    FLUSH,
    REOPEN
  }

  /** Cluster size and refcount width as their logarithms, and how many L2 slices are cached. */
  record Shape(int version, int clusterBits, int refcountOrder, int slices) {}

  @Provide
  Arbitrary<List<Step>> steps() {
    return Combinators.combine(
            Arbitraries.of(Kind.class),
            Arbitraries.integers().between(0, SIZE - 1),
            Arbitraries.integers().between(1, 1 << 18))
        .as(Step::new)
        .list()
        .ofMaxSize(60);
  }

  @Provide
  Arbitrary<Shape> shapes() {
    return Combinators.combine(
            Arbitraries.of(2, 3),
            Arbitraries.integers().between(9, 18),
            Arbitraries.integers().between(0, 6),
            Arbitraries.integers().between(1, 4))
        .as(
            (version, clusterBits, order, slices) ->
                new Shape(version, clusterBits, version == 2 ? 4 : order, slices));
  }

  @Property(tries = 60)
  void theDiskIsTheModelsAndQemuAgrees(
      @ForAll("shapes") Shape shape, @ForAll("steps") List<Step> steps) throws Exception {
    QemuImg.require();
    Path directory = Files.createTempDirectory("random-operations");
    Path path = directory.resolve("disk.qcow2");
    try {
      CreateOptions create =
          CreateOptions.qcow2(SIZE)
              .withVersion(shape.version)
              .withClusterSize(1L << shape.clusterBits)
              .withRefcountBits(1 << shape.refcountOrder);
      DiskModel model = new DiskModel(SIZE);
      DiskImage image = DiskImage.create(path, create);
      for (Step step : steps) {
        image = take(step, image, path, shape, model);
      }
      model.assertWholeDisk(image);
      image.close();
      QemuImg.assertClean(path);
      model.assertEquals(QemuImg.contents(path));
    } finally {
      delete(directory);
    }
  }

  private static DiskImage take(Step step, DiskImage image, Path path, Shape shape, DiskModel model)
      throws ImageException {
    int length = Math.min(step.length, SIZE - step.at);
    switch (step.kind) {
      case WRITE -> model.write(image, step.at, length, step.at);
      case WRITE_SMALL -> model.write(image, step.at, 1 + length / 200, step.at);
      case ZERO -> model.writeZeroes(image, step.at, length, true);
      case ZERO_KEEP -> model.writeZeroes(image, step.at, length, false);
      case DISCARD -> model.discard(image, step.at, length);
      case FLUSH -> image.flush();
      case REOPEN -> {
        image.close();
        OpenOptions options =
            OpenOptions.defaults()
                .withL2CacheEntrySize(512)
                .withL2CacheSize(512L * shape.slices)
                .withRefcountCacheSize(0);
        return DiskImage.open(path, options);
      }
    }
    model.assertRead(image, step.at, length);
    return image;
  }

  private static void delete(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }
}
