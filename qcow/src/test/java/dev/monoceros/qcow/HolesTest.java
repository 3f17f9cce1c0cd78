package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.qcow.io.HostFile;
import dev.monoceros.qcow.io.OrderedFile;
import dev.monoceros.qcow.oracle.DiskModel;
import dev.monoceros.qcow.oracle.NeedsQemu;
import dev.monoceros.qcow.oracle.QemuImg;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Holes in the host's file: made, found, counted. Needs a host that has them, as Linux does. */
@NeedsQemu
class HolesTest {
  private static final int SIZE = 4 << 20;
  private static final Pattern MAPPED =
      Pattern.compile("\"start\": (\\d+), \"length\": (\\d+).*?\"zero\": (\\w+), \"data\": (\\w+)");

  @TempDir Path directory;

  /** Allocated bytes as the host's own tool counts them. */
  private static long allocated(Path path) throws Exception {
    Process du = new ProcessBuilder("stat", "-c", "%b", path.toString()).start();
    String blocks = new String(du.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertThat(du.waitFor()).isZero();
    return Long.parseLong(blocks) * 512;
  }

  private Path fullRaw() throws Exception {
    return Files.write(directory.resolve("disk.raw"), DiskModel.pattern(SIZE, 1));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aRawImageGivesDiscardedAndUnmappedBytesBackToTheHost(boolean discard) throws Exception {
    Path path = fullRaw();
    DiskModel model = new DiskModel(SIZE);
    model.put(0, Files.readAllBytes(path));
    long before = allocated(path);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      if (discard) {
        model.discard(image, 1 << 20, 1 << 20);
      } else {
        model.writeZeroes(image, 1 << 20, 1 << 20, true);
      }
      model.writeZeroes(image, (3 << 20) + 100, 5000, true);
      model.assertWholeDisk(image);
      assertThat(image.stats().host().punchedBytes()).isEqualTo((1 << 20) + 5000);
      assertThat(image.stats().host().writtenZeroBytes()).isZero();
      assertThat(image.info().allocatedBytes()).isEqualTo(allocated(path));
    }
    assertThat(allocated(path)).isLessThanOrEqualTo(before - (1 << 20));
    model.assertEquals(Files.readAllBytes(path));
  }

  @Test
  void discardIgnoreLeavesARawImageAlone() throws Exception {
    Path path = fullRaw();
    long before = allocated(path);
    DiskModel model = new DiskModel(SIZE);
    model.put(0, Files.readAllBytes(path));
    OpenOptions ignore = OpenOptions.defaults().withDiscard(DiscardMode.IGNORE);
    try (DiskImage image = DiskImage.open(path, ignore)) {
      image.discard(0, 2 << 20);
      model.writeZeroes(image, 3 << 20, 1 << 20, true);
      model.assertWholeDisk(image);
      assertThat(image.stats().host().punchedBytes()).isZero();
    }
    assertThat(allocated(path)).isEqualTo(before);
  }

  @Test
  void zeroesThatMayNotUnmapKeepTheHostsBlocks() throws Exception {
    Path path = fullRaw();
    long before = allocated(path);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      image.writeZeroes(1 << 20, 1 << 20, false);
    }
    assertThat(allocated(path)).isEqualTo(before);
    assertThat(Files.readAllBytes(path)[(1 << 20) + 5]).isZero();
  }

  @Test
  void theExtentsOfARawImageAreThoseThatQemuMaps() throws Exception {
    QemuImg.require();
    Path path = directory.resolve("disk.raw");
    try (DiskImage image = DiskImage.create(path, CreateOptions.raw(SIZE))) {
      image.write(0, ByteBuffer.wrap(DiskModel.pattern(100_000, 1)));
      image.write(1 << 20, ByteBuffer.wrap(DiskModel.pattern(65536, 2)));
      image.write(SIZE - (1 << 20), ByteBuffer.wrap(DiskModel.pattern(1 << 20, 3)));
      image.discard(SIZE - (1 << 19), 1 << 17);
    }
    String map = QemuImg.succeed("map", "--output=json", "-f", "raw", path);
    List<String> theirs = new ArrayList<>();
    Matcher m = MAPPED.matcher(map);
    while (m.find()) {
      theirs.add(m.group(1) + "+" + m.group(2) + " " + m.group(3) + " " + m.group(4));
    }
    List<String> ours = new ArrayList<>();
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults().withReadOnly(true))) {
      for (long at = 0; at < SIZE; ) {
        Extent e = image.extent(at, SIZE - at);
        assertThat(e.fileOffset()).isEqualTo(at);
        ours.add(e.offset() + "+" + e.length() + " " + e.zero() + " " + e.data());
        at = e.end();
      }
    }
    assertThat(ours).isEqualTo(theirs).hasSizeGreaterThan(4);
  }

  @Test
  void whatFillsTheLastSectorOfARawDiskUpIsAHole() throws Exception {
    QemuImg.require();
    Path path = Files.write(directory.resolve("odd.raw"), DiskModel.pattern(1000, 1));
    assertThat(QemuImg.succeed("map", "--output=json", "-f", "raw", path))
        .contains("\"start\": 1000, \"length\": 24, \"depth\": 0")
        .contains("\"zero\": true, \"data\": false, \"offset\": 1000");
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults().withReadOnly(true))) {
      Extent data = image.extent(0, 1024);
      assertThat(data.data()).isTrue();
      assertThat(data.end()).isEqualTo(1000);
      Extent rest = image.extent(1000, 24);
      assertThat(rest.zero()).isTrue();
      assertThat(rest.data()).isFalse();
      assertThat(rest.end()).isEqualTo(1024);
    }
  }

  @Test
  void clustersThatWereDiscardedGoBackToTheHostOnceTheirPointersAreGoneFromTheDisk()
      throws Exception {
    Path path = directory.resolve("disk.qcow2");
    DiskModel model = new DiskModel(SIZE);
    try (DiskImage image = DiskImage.create(path, CreateOptions.qcow2(SIZE))) {
      model.write(image, 0, SIZE, 1);
      image.flush();
      long before = allocated(path);
      model.discard(image, 1 << 20, 2 << 20);
      assertThat(image.stats().host().punchedBytes()).isZero();
      assertThat(allocated(path)).isEqualTo(before);
      image.flush();
      assertThat(image.stats().host().punchedBytes()).isEqualTo(2 << 20);
      // The file system itself may need a block for its longer list of extents.
      assertThat(allocated(path)).isBetween(before - (2 << 20), before - (2 << 20) + 8192);
      model.assertWholeDisk(image);
      model.write(image, 1 << 20, 1 << 20, 2);
    }
    if (QemuImg.isPresent()) {
      QemuImg.assertClean(path);
      model.assertEquals(QemuImg.contents(path));
    }
  }

  @Test
  void whatAnInternalSnapshotStillHoldsIsNotPunched() throws Exception {
    QemuImg.require();
    Path path = directory.resolve("disk.qcow2");
    DiskModel model = new DiskModel(SIZE);
    try (DiskImage image = DiskImage.create(path, CreateOptions.qcow2(SIZE))) {
      model.write(image, 0, SIZE, 1);
    }
    QemuImg.succeed("snapshot", "-c", "before", path);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      image.discard(0, SIZE);
      image.flush();
      assertThat(image.stats().host().punchedBytes()).isZero();
    }
    QemuImg.succeed("snapshot", "-a", "before", path);
    model.assertEquals(QemuImg.contents(path));
  }

  /** A change of the image as a whole that frees clusters, here and there. */
  enum Whole {
    DELETE {
      @Override
      void here(DiskImage image) throws ImageException {
        image.snapshots().delete("before");
      }

      @Override
      void there(Path path) {
        QemuImg.succeed("snapshot", "-d", "before", path);
      }
    },
    APPLY {
      @Override
      void here(DiskImage image) throws ImageException {
        image.snapshots().apply("before");
      }

      @Override
      void there(Path path) {
        QemuImg.succeed("snapshot", "-a", "before", path);
      }
    },
    SHRINK {
      @Override
      void here(DiskImage image) throws ImageException {
        image.resize(1 << 20, Preallocation.OFF, true);
      }

      @Override
      void there(Path path) {
        QemuImg.succeed("resize", "--shrink", path, "1M");
      }
    };

    abstract void here(DiskImage image) throws ImageException;

    abstract void there(Path path);

    /** The disk has 4 MiB; all were written anew since the snapshot, if there is one. */
    void prepare(Path path) throws ImageException {
      DiskModel model = new DiskModel(SIZE);
      try (DiskImage image = DiskImage.create(path, CreateOptions.qcow2(SIZE))) {
        model.write(image, 0, SIZE, 1);
        if (this != SHRINK) {
          image.snapshots().create("before", 1, 2);
          model.write(image, 0, SIZE, 2);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aChangeOfTheWholeImageGivesAsMuchBackToTheHostAsQemus(Whole change) throws Exception {
    QemuImg.require();
    Path ours = directory.resolve("ours.qcow2");
    Path theirs = directory.resolve("theirs.qcow2");
    change.prepare(ours);
    change.prepare(theirs);
    long before = allocated(ours);
    // What the guest may discard is another matter, there as here.
    OpenOptions ignore = OpenOptions.defaults().withDiscard(DiscardMode.IGNORE);
    try (DiskImage image = DiskImage.open(ours, ignore)) {
      change.here(image);
    }
    change.there(theirs);
    // A few tables lie elsewhere than QEMU's.
    int tables = 4 << 16;
    assertThat(allocated(ours))
        .isLessThan(before - (2 << 20))
        .isLessThanOrEqualTo(allocated(theirs) + tables);
    QemuImg.assertClean(ours);
    assertThat(Arrays.mismatch(QemuImg.contents(ours), QemuImg.contents(theirs))).isEqualTo(-1);
  }

  @ParameterizedTest
  @EnumSource
  void theHostsBlocksAreKeptThereIfTheOptionSaysSo(Whole change) throws Exception {
    Path path = directory.resolve("disk.qcow2");
    change.prepare(path);
    OpenOptions keep = OpenOptions.defaults().withDiscards(new DiscardPassing(true, false, false));
    try (DiskImage image = DiskImage.open(path, keep)) {
      change.here(image);
      assertThat(image.stats().host().punchedBytes()).isZero();
    }
    if (QemuImg.isPresent()) {
      QemuImg.assertClean(path);
    }
  }

  @Test
  void spaceCanBeTakenInAdvanceAndTheNewBytesAreZero() throws Exception {
    Path path = fullRaw();
    try (OrderedFile file = new OrderedFile(HostFile.open(path, true))) {
      assertThat(file.knowsHoles()).isTrue();
      assertThat(file.allocate(SIZE, 1 << 20)).isTrue();
      assertThat(file.size()).isEqualTo(SIZE + (1 << 20));
      file.extendTo(SIZE + (3 << 20));
      assertThat(file.allocatedBytes()).isEqualTo(allocated(path));
      ByteBuffer end = ByteBuffer.allocate(3 << 20);
      file.read(end, SIZE);
      assertThat(end.array()).containsOnly(0);
      file.zero(SIZE - 10, 5 << 20, true);
      assertThat(file.size()).isEqualTo(SIZE - 10 + (5 << 20));
    }
    assertThat(allocated(path)).isBetween((long) SIZE - 4096, SIZE + (1L << 20) + 4096);
    assertThat(Files.size(path)).isEqualTo(SIZE - 10 + (5 << 20));
  }
}
