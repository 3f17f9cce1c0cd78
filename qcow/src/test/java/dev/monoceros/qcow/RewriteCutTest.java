package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.qcow.oracle.DiskModel;
import dev.monoceros.qcow.oracle.ImageState;
import dev.monoceros.qcow.oracle.MemoryFile;
import dev.monoceros.qcow.oracle.NeedsQemu;
import dev.monoceros.qcow.oracle.QemuImg;
import dev.monoceros.qcow.oracle.RecordingFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The power goes within a change of the image as a whole: the image is the old one or the new one
 * to everybody who looks, and qemu-img check finds at most leaks.
 */
@NeedsQemu
class RewriteCutTest {
  private static final int SIZE = 1 << 19;

  /** Reorderings tried at each moment. */
  private static final int REORDERINGS = 3;

  @TempDir Path directory;

  @BeforeAll
  static void oracle() {
    QemuImg.require();
  }

  /** A change of the image as a whole. */
  interface Change {
    void make(DiskImage image) throws ImageException;
  }

  static Stream<Arguments> changes() {
    return Stream.of(
        Arguments.of("snapshot", "cluster_size=4096", (Change) i -> create(i)),
        Arguments.of("snapshot", "cluster_size=512,refcount_bits=64", (Change) i -> create(i)),
        Arguments.of("snapshot", "compat=0.10,cluster_size=1024", (Change) i -> create(i)),
        Arguments.of(
            "apply", "cluster_size=1024", (Change) image -> image.snapshots().apply("one")),
        Arguments.of("grow", "cluster_size=512", resize(4 << 20, Preallocation.OFF)),
        Arguments.of("grow", "cluster_size=4096", resize(1 << 20, Preallocation.METADATA)),
        Arguments.of("shrink", "cluster_size=1024", resize(99_840, Preallocation.OFF)),
        Arguments.of("bitmap added", "cluster_size=4096", bitmap()),
        Arguments.of("bitmap added", "cluster_size=65536", bitmap()),
        Arguments.of("backing named", "cluster_size=65536", backing("base.qcow2")),
        Arguments.of(
            "backing named", "cluster_size=2048", backing("./".repeat(450) + "base.qcow2")),
        Arguments.of("emptied", "cluster_size=1024", (Change) DiskImage::makeEmpty),
        Arguments.of("refcounts", "cluster_size=1024", amend(3, 64)),
        Arguments.of("version 2", "cluster_size=1024", amend(2, 16)),
        Arguments.of("version 3", "compat=0.10,cluster_size=8192", amend(3, 16)),
        Arguments.of(
            "delete", "cluster_size=1024", (Change) image -> image.snapshots().delete("two")));
  }

  private static Change resize(long size, Preallocation preallocation) {
    return image -> image.resize(size, preallocation, true);
  }

  private static Change bitmap() {
    return image -> image.bitmaps().add("b", 0, true);
  }

  private static Change backing(String name) {
    return image ->
        image.changeBacking(Optional.of(new BackingReference(name, Optional.of("qcow2"))));
  }

  private static Change amend(int version, int refcountBits) {
    AmendOptions n = AmendOptions.NOTHING;
    AmendOptions options =
        new AmendOptions(
            Optional.of(version),
            n.size(),
            n.backing(),
            n.lazyRefcounts(),
            Optional.of(refcountBits),
            n.dataFile(),
            n.dataFileRaw());
    return image -> image.amend(options, Progress.NONE);
  }

  private static void create(DiskImage image) throws ImageException {
    image.snapshots().create("three", 5, 6);
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("changes")
  void aCutLeavesTheOldImageOrTheNewOne(String name, String options, Change change)
      throws Exception {
    Path path = directory.resolve(name + ".qcow2");
    prepare(path, options);
    RecordingFile file = new RecordingFile(MemoryFile.load(path));
    try (DiskImage image = DiskImage.open(file, OpenOptions.defaults())) {
      change.make(image);
    }
    ImageState before = ImageState.of(file.cutAt(0));
    ImageState after = ImageState.of(file.bytes());
    assertThat(after).as("the change shows").isNotEqualTo(before);
    int old = 0;
    SplittableRandom random = new SplittableRandom(1);
    for (int cut = 0; cut <= file.events(); cut++) {
      for (int i = 0; i <= REORDERINGS; i++) {
        byte[] left = i == 0 ? file.cutAt(cut) : file.cutAt(cut, random);
        ImageState found = ImageState.of(left);
        assertThat(found).as("%s cut at %d", name, cut).isIn(before, after);
        old += found.equals(before) ? 1 : 0;
        Files.write(path, left);
        assertThat(QemuImg.check(path))
            .as("%s cut at %d", name, cut)
            .isIn(QemuImg.Check.CLEAN, QemuImg.Check.LEAKS);
      }
    }
    assertThat(old).isGreaterThan(1);
    Files.write(path, file.bytes());
    QemuImg.assertClean(path);
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("changes")
  void whatBecomesFreeKeepsItsBytesUntilTheHeaderHasSwitchedOver(
      String name, String options, Change change) throws Exception {
    Path path = directory.resolve(name + ".qcow2");
    prepare(path, options);
    byte[] before = MemoryFile.load(path);
    RecordingFile file = new RecordingFile(before);
    long punched;
    try (DiskImage image = DiskImage.open(file, OpenOptions.defaults())) {
      change.make(image);
      punched = image.stats().host().punchedBytes();
    }
    List<Integer> switched = file.momentsAfterWritesIn(0, 512);
    byte[] justBefore = file.cutAt(switched.getFirst() - 1);
    byte[] after = file.bytes();
    int made = 0;
    for (int i = 512; i < Math.min(before.length, after.length); i++) {
      if (before[i] != 0 && after[i] == 0) {
        made++;
        assertThat(justBefore[i]).as("byte %d, %s", i, name).isEqualTo(before[i]);
      }
    }
    boolean frees = List.of("delete", "apply", "shrink", "emptied").contains(name);
    if (frees) {
      assertThat(punched).isPositive();
      assertThat(made).isPositive();
    }
  }

  /** A disk with two snapshots and changes since. */
  private static void prepare(Path path, String options) throws ImageException {
    QemuImg.succeed("create", "-f", "qcow2", path.resolveSibling("base.qcow2"), SIZE);
    QemuImg.succeed("create", "-f", "qcow2", "-o", options, path, SIZE);
    fill(path, 1);
    QemuImg.succeed("snapshot", "-c", "one", path);
    fill(path, 2);
    QemuImg.succeed("snapshot", "-c", "two", path);
    fill(path, 3);
  }

  private static void fill(Path path, long seed) throws ImageException {
    SplittableRandom random = new SplittableRandom(seed);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      for (int i = 0; i < 12; i++) {
        int length = 1 + random.nextInt(20_000);
        byte[] data = DiskModel.pattern(length, seed + i);
        image.write(random.nextInt(SIZE - length), ByteBuffer.wrap(data));
      }
    }
  }
}
