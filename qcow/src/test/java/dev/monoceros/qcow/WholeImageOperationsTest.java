package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.qcow.oracle.DiskModel;
import dev.monoceros.qcow.oracle.NeedsQemu;
import dev.monoceros.qcow.oracle.QemuBitmap;
import dev.monoceros.qcow.oracle.QemuImg;
import dev.monoceros.qcow.oracle.QemuIo;
import dev.monoceros.qcow.oracle.WholeImageModel;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * Any sequence of writes, snapshots, resizes and the rest, by us and by QEMU in turn, leaves the
 * disk, the snapshots and the bitmaps that a model says, to both of them, and no error.
 */
@NeedsQemu
class WholeImageOperationsTest {
  private static final int SIZE = 1 << 20;
  private static final int UNIT = 1 << 16;

  /** One step; {@code at} and {@code length} choose what it is done to. */
  record Step(Kind kind, boolean qemu, int at, int length) {}

  enum Kind {
    WRITE,
    ZERO,
    DISCARD,
    SNAPSHOT,
    APPLY,
    DELETE,
    GROW,
    SHRINK,
    BITMAP,
    CLEAR,
    REFCOUNT_BITS,
    EMPTY
  }

  @Provide
  Arbitrary<List<Step>> steps() {
    return Combinators.combine(
            Arbitraries.of(Kind.class),
            Arbitraries.of(true, false),
            Arbitraries.integers().between(0, SIZE - 1),
            Arbitraries.integers().between(1, 200_000))
        .as(Step::new)
        .list()
        .ofMinSize(4)
        .ofMaxSize(16);
  }

  @Provide
  Arbitrary<String> shapes() {
    return Arbitraries.of(
        "cluster_size=65536",
        "cluster_size=4096",
        "cluster_size=512",
        "cluster_size=1024,refcount_bits=64",
        "cluster_size=2048,refcount_bits=4",
        "extended_l2=on,cluster_size=16384",
        "lazy_refcounts=on");
  }

  @Property(tries = 30)
  void theModelIsWhatBothSee(@ForAll("shapes") String shape, @ForAll("steps") List<Step> steps)
      throws Exception {
    QemuImg.require();
    QemuIo.require();
    QemuBitmap.require();
    Path directory = Files.createTempDirectory("whole-image");
    Path path = directory.resolve("disk.qcow2");
    try {
      QemuImg.succeed("create", "-f", "qcow2", "-o", shape, path, SIZE);
      WholeImageModel model = new WholeImageModel(SIZE);
      for (Step step : steps) {
        if (step.qemu) {
          byQemu(step, path, model);
        } else {
          byUs(step, path, model);
        }
      }
      QemuImg.assertClean(path);
      model.assertSeenByUs(path);
      model.assertSeenByQemu(path);
    } finally {
      try (var files = Files.list(directory)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(directory);
    }
  }

  private static void byUs(Step step, Path path, WholeImageModel model) throws Exception {
    int at = Math.min(step.at, model.size() - 1);
    int length = Math.min(step.length, model.size() - at);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      switch (step.kind) {
        case WRITE -> {
          byte[] data = DiskModel.pattern(length, at);
          image.write(at, ByteBuffer.wrap(data));
          model.write(at, data);
        }
        case ZERO -> {
          image.writeZeroes(at, length, step.length % 2 == 0);
          model.write(at, new byte[length]);
        }
        case DISCARD -> {
          image.discard(at, length);
          model.discard(at, length, image.clusterSize());
        }
        case SNAPSHOT -> {
          Snapshot taken = image.snapshots().create("s" + model.nextId(), 1, 2);
          assertThat(taken.id()).isEqualTo(model.nextId());
          model.snapshot();
        }
        case APPLY -> {
          Optional<String> id = model.chooseSnapshot(step.at);
          if (id.isPresent() && !model.hasBitmap()) {
            image.snapshots().apply(id.get());
            model.apply(id.get());
          }
        }
        case DELETE -> {
          Optional<String> id = model.chooseSnapshot(step.at);
          if (id.isPresent()) {
            image.snapshots().delete(id.get());
            model.delete(id.get());
          }
        }
        case GROW -> {
          int to = model.size() + step.length / 512 * 512;
          image.resize(to, Preallocation.values()[step.at % 3], false);
          model.resize(to);
        }
        case SHRINK -> {
          int to = at / 512 * 512 + 512;
          image.resize(to, Preallocation.OFF, true);
          model.resize(to);
        }
        case BITMAP -> {
          if (!model.hasBitmap()) {
            image.bitmaps().add("b", 512, true);
            model.addBitmap();
          }
        }
        case CLEAR -> {
          if (model.hasBitmap()) {
            image.bitmaps().clear("b");
            model.addBitmap();
          }
        }
        case REFCOUNT_BITS -> amendRefcounts(image, 8 << (step.at % 4));
        case EMPTY -> {
          image.makeEmpty();
          model.empty();
        }
      }
      model.assertDisk(image);
    }
  }

  private static void amendRefcounts(DiskImage image, int bits) throws ImageException {
    AmendOptions n = AmendOptions.NOTHING;
    image.amend(
        new AmendOptions(
            n.version(),
            n.size(),
            n.backing(),
            n.lazyRefcounts(),
            Optional.of(bits),
            n.dataFile(),
            n.dataFileRaw()),
        Progress.NONE);
  }

  private static void byQemu(Step step, Path path, WholeImageModel model) {
    int at = Math.min(step.at, model.size() - 1) / 512 * 512;
    int length = Math.max(512, Math.min(step.length, model.size() - at) / 512 * 512);
    switch (step.kind) {
      case WRITE -> {
        QemuIo.run(path, List.of("write -P 77 " + at + " " + length));
        byte[] data = new byte[length];
        Arrays.fill(data, (byte) 77);
        model.write(at, data);
      }
      case ZERO, DISCARD, EMPTY, CLEAR -> {
        QemuIo.run(path, List.of("write -z " + at + " " + length));
        model.write(at, new byte[length]);
      }
      case SNAPSHOT -> {
        QemuImg.succeed("snapshot", "-c", "s" + model.nextId(), path);
        model.snapshot();
      }
      case APPLY -> {
        Optional<String> id = model.chooseSnapshot(step.at);
        if (id.isPresent() && !model.hasBitmap()) {
          QemuImg.succeed("snapshot", "-a", id.get(), path);
          model.apply(id.get());
        }
      }
      case DELETE -> {
        Optional<String> id = model.chooseSnapshot(step.at);
        if (id.isPresent()) {
          // qemu-img deletes by name only.
          QemuImg.succeed("snapshot", "-d", "s" + id.get(), path);
          model.delete(id.get());
        }
      }
      case GROW -> resizeByQemu(path, model, (model.size() / UNIT + 1 + step.at % 8) * UNIT);
      case SHRINK -> resizeByQemu(path, model, (at / UNIT + 1) * UNIT);
      case BITMAP -> {
        if (!model.hasBitmap()) {
          QemuImg.succeed("bitmap", "--add", "-g", "512", path, "b");
          model.addBitmap();
        }
      }
      case REFCOUNT_BITS ->
          QemuImg.succeed("amend", "-o", "refcount_bits=" + (8 << (step.at % 4)), path);
    }
  }

  /** QEMU lets data come back that a shrink within a cluster cut off, so only whole ones. */
  private static void resizeByQemu(Path path, WholeImageModel model, int size) {
    if (model.size() % UNIT == 0) {
      QemuImg.succeed("resize", "--shrink", path, size);
      model.resize(size);
    }
  }
}
