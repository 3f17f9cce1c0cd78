package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.qcow.oracle.CutModel;
import dev.monoceros.qcow.oracle.DiskModel;
import dev.monoceros.qcow.oracle.MemoryFile;
import dev.monoceros.qcow.oracle.NeedsQemu;
import dev.monoceros.qcow.oracle.QemuImg;
import dev.monoceros.qcow.oracle.RecordingFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The power goes at any moment of a random workload. Afterwards the image opens, qemu-img check
 * finds at most leaks, and what a completed flush promised is there.
 */
@NeedsQemu
class PowerCutTest {
  /** Places to cut in each scenario; at each the disk is cut in order and reordered. */
  private static final int CUTS = 75;

  /** Of the cuts, one in so many is shown to qemu-img. */
  private static final int ORACLE_EVERY = 2;

  /** Reorderings tried after each write of a pointer. */
  private static final int POINTER_CUTS = 16;

  private static final int CLUSTER_BITS = 20;
  private static final int L1_TABLE_OFFSET = 40;
  private static final int REFCOUNT_TABLE_OFFSET = 48;
  private static final int REFCOUNT_TABLE_CLUSTERS = 56;

  @TempDir Path directory;

  private CutModel model;
  private int cuts;

  @BeforeAll
  static void oracle() {
    QemuImg.require();
  }

  @ParameterizedTest
  @CsvSource({
    "'compat=1.1,cluster_size=512,refcount_bits=64', 512, 3600K, 220, 2, false",
    "'compat=1.1,cluster_size=4096', 4096, 2M, 300, 5, true",
    "'compat=1.1,cluster_size=1024,refcount_bits=1', 1024, 1M, 300, 7, false",
    "'compat=0.10,cluster_size=65536', 65536, 4M, 200, 5, true",
    "'compat=1.1,cluster_size=2048,refcount_bits=4', 2048, 1M, 300, 5, true",
    "'compat=1.1,cluster_size=16384,extended_l2=on', 16384, 3M, 300, 5, true",
    "'compat=1.1,cluster_size=16384,extended_l2=on,refcount_bits=1', 2048, 2M, 300, 5, false"
  })
  void anyCutLeavesAtMostLeaksAndKeepsWhatWasFlushed(
      String options, int clusterSize, String size, int steps, int stride, boolean snapshot)
      throws Exception {
    RecordingFile file = recordWork(options, clusterSize, size, steps, stride, snapshot);
    checkCuts(file, file.events() / CUTS);
  }

  @Test
  void theRefcountTableMovesWithinTheWorkload() throws Exception {
    RecordingFile file =
        recordWork("compat=1.1,cluster_size=512,refcount_bits=64", 512, "3600K", 220, 2, false);
    assertThat(ByteBuffer.wrap(file.cutAt(0)).getInt(REFCOUNT_TABLE_CLUSTERS)).isEqualTo(1);
    assertThat(ByteBuffer.wrap(file.bytes()).getInt(REFCOUNT_TABLE_CLUSTERS)).isGreaterThan(1);
  }

  @Tag("long")
  @ParameterizedTest
  @CsvSource({
    "'compat=1.1,cluster_size=512,refcount_bits=64', 512, 3600K, 220, 2, false",
    "'compat=1.1,cluster_size=4096', 4096, 2M, 1000, 5, true",
    "'compat=1.1,cluster_size=512,refcount_bits=2', 512, 1M, 1000, 5, true",
    "'compat=0.10,cluster_size=65536', 65536, 4M, 400, 5, true"
  })
  void everySingleCutLeavesAtMostLeaks(
      String options, int clusterSize, String size, int steps, int stride, boolean snapshot)
      throws Exception {
    checkCuts(recordWork(options, clusterSize, size, steps, stride, snapshot), 1);
    System.out.println(options + ": " + cuts + " cuts");
  }

  private RecordingFile recordWork(
      String options, int clusterSize, String size, int steps, int stride, boolean snapshot)
      throws Exception {
    Path origin = directory.resolve("origin.qcow2");
    QemuImg.succeed("create", "-f", "qcow2", "-o", options, origin, size);
    fill(origin, stride * clusterSize);
    if (snapshot) {
      QemuImg.succeed("snapshot", "-c", "first", origin);
    }
    RecordingFile file = new RecordingFile(MemoryFile.load(origin));
    model = new CutModel(QemuImg.contents(origin));
    work(file, model, clusterSize, steps);
    return file;
  }

  /** Allocates one cluster in each {@code stride} bytes. */
  private static void fill(Path origin, int stride) throws ImageException {
    try (DiskImage image = DiskImage.open(origin, OpenOptions.defaults())) {
      for (long at = 0; at + stride <= image.size(); at += stride) {
        image.write(at, ByteBuffer.wrap(DiskModel.pattern(100, at)));
      }
    }
  }

  /** A cache of two slices, so that dirty ones are evicted all the time. */
  private static void work(RecordingFile file, CutModel model, int clusterSize, int steps)
      throws ImageException {
    OpenOptions options = OpenOptions.defaults().withL2CacheSize(1024).withL2CacheEntrySize(512);
    SplittableRandom random = new SplittableRandom(steps + clusterSize);
    try (DiskImage image = DiskImage.open(file, options)) {
      for (int i = 0; i < steps; i++) {
        int length = 1 + random.nextInt(random.nextInt(6) == 0 ? 60_000 : 3 * clusterSize);
        length = Math.min(length, (int) image.size() - 1);
        int offset = random.nextInt((int) image.size() - length);
        step(image, file, model, random.nextInt(10), offset, length, random.nextLong());
      }
    }
    model.flushed(file.events());
  }

  private static void step(
      DiskImage image,
      RecordingFile file,
      CutModel model,
      int choice,
      int offset,
      int length,
      long seed)
      throws ImageException {
    switch (choice) {
      case 0 -> {
        int cluster = image.clusterSize();
        int from = (offset + cluster - 1) / cluster * cluster;
        int to = (offset + length) / cluster * cluster;
        if (from < to) {
          model.begin(file.events(), from, new byte[to - from]);
          image.discard(from, to - from);
        }
      }
      case 1, 2 -> {
        model.begin(file.events(), offset, new byte[length]);
        image.writeZeroes(offset, length, choice == 1);
      }
      case 3 -> {
        image.flush();
        model.flushed(file.events());
      }
      default -> {
        byte[] data = DiskModel.pattern(length, seed);
        model.begin(file.events(), offset, data);
        image.write(offset, ByteBuffer.wrap(data));
      }
    }
  }

  private void checkCuts(RecordingFile file, int every) throws Exception {
    int events = file.events();
    assertThat(events).isGreaterThan(CUTS);
    SplittableRandom random = new SplittableRandom(events);
    for (int cut = 0; cut <= events; cut += 1 + random.nextInt(2 * every - 1)) {
      boolean oracle = random.nextInt(ORACLE_EVERY) == 0;
      checkCut(file.cutAt(cut), cut, oracle);
      checkCut(file.cutAt(cut, random), cut, oracle);
    }
    checkPointerCuts(file, random);
    Path end = directory.resolve("end.qcow2");
    Files.write(end, file.cutAt(events));
    QemuImg.assertClean(end);
    assertThat(QemuImg.contents(end)).isEqualTo(model.disk());
  }

  /** The header, the refcount table and the L1 table point at others: the riskiest writes. */
  private void checkPointerCuts(RecordingFile file, SplittableRandom random) throws Exception {
    ByteBuffer header = ByteBuffer.wrap(file.cutAt(0));
    int cluster = 1 << header.getInt(CLUSTER_BITS);
    long table = header.getLong(REFCOUNT_TABLE_OFFSET);
    long l1 = header.getLong(L1_TABLE_OFFSET);
    List<Integer> cuts = new ArrayList<>(file.momentsAfterWritesIn(0, cluster));
    cuts.addAll(last(file.momentsAfterWritesIn(table, table + cluster)));
    cuts.addAll(last(file.momentsAfterWritesIn(l1, l1 + cluster)));
    for (int cut : cuts) {
      for (int i = 0; i < POINTER_CUTS; i++) {
        int later = i % 2 == 0 ? cut : Math.min(cut + random.nextInt(5), file.events());
        checkCut(file.cutAt(later, random), later, true);
      }
    }
  }

  private static List<Integer> last(List<Integer> cuts) {
    return cuts.subList(Math.max(0, cuts.size() - 3), cuts.size());
  }

  private void checkCut(byte[] left, int cut, boolean oracle) throws Exception {
    cuts++;
    byte[] found = new byte[model.disk().length];
    try (DiskImage image = DiskImage.open(new MemoryFile(left), OpenOptions.defaults())) {
      image.read(0, ByteBuffer.wrap(found));
    }
    model.assertAllowed(cut, found);
    if (oracle) {
      Path path = directory.resolve("cut.qcow2");
      Files.write(path, left);
      assertThat(QemuImg.check(path))
          .as("qemu-img check after a cut at event %d", cut)
          .isIn(QemuImg.Check.CLEAN, QemuImg.Check.LEAKS);
    }
  }
}
