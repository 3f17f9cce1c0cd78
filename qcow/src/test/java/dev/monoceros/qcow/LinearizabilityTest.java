package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.qcow.oracle.DiskCall;
import dev.monoceros.qcow.oracle.DiskCall.Kind;
import dev.monoceros.qcow.oracle.Linearizability;
import dev.monoceros.qcow.oracle.NeedsQemu;
import dev.monoceros.qcow.oracle.QemuImg;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Threads that use one image see each call as one step: whatever they saw, there is an order of all
 * calls that explains it. The calls cross clusters, allocate, free, flush and evict tables.
 */
@Timeout(120)
@NeedsQemu
class LinearizabilityTest {
  private static final int THREADS = 3;
  private static final int CALLS = 7;
  private static final int ROUNDS = 100;
  private static final int SECTORS = 6;
  private static final int SECTOR = 512;

  /** The sectors lie far apart in pairs, so that pairs have L2 tables of their own. */
  private static final int SPREAD = 64 * SECTOR;

  @TempDir Path directory;

  /** What threads call; the sectors of a call are consecutive. */
  interface Sectors {
    void read(int first, int[] values) throws Exception;

    void write(int first, int[] values) throws Exception;

    void zero(int first, int count, boolean discard) throws Exception;

    void flush() throws Exception;
  }

  /** On an image: sector numbers are offsets in units of {@code stride}. */
  private record OnImage(DiskImage image, int stride) implements Sectors {
    @Override
    public void read(int first, int[] values) throws ImageException {
      ByteBuffer bytes = ByteBuffer.allocate(values.length * stride);
      image.read((long) first * stride, bytes);
      for (int i = 0; i < values.length; i++) {
        values[i] = bytes.getInt(i * stride);
        assertThat(bytes.getInt((i + 1) * stride - Integer.BYTES)).isEqualTo(values[i]);
      }
    }

    @Override
    public void write(int first, int[] values) throws ImageException {
      ByteBuffer bytes = ByteBuffer.allocate(values.length * stride);
      for (int value : values) {
        for (int i = 0; i < stride; i += Integer.BYTES) {
          bytes.putInt(value);
        }
      }
      image.write((long) first * stride, bytes.flip());
    }

    @Override
    public void zero(int first, int count, boolean discard) throws ImageException {
      if (discard) {
        image.discard((long) first * stride, (long) count * stride);
      } else {
        image.writeZeroes((long) first * stride, (long) count * stride, true);
      }
    }

    @Override
    public void flush() throws ImageException {
      image.flush();
    }
  }

  private final AtomicLong clock = new AtomicLong();
  private final AtomicLong values = new AtomicLong();

  /** Calls of one thread in one round. */
  private List<DiskCall> calls(Sectors disk, long seed, boolean discards) throws Exception {
    SplittableRandom random = new SplittableRandom(seed);
    List<DiskCall> calls = new ArrayList<>();
    for (int i = 0; i < CALLS; i++) {
      int first = random.nextInt(SECTORS);
      int[] numbers = new int[1 + random.nextInt(SECTORS - first)];
      int what = random.nextInt(8);
      Kind kind = what < 4 ? Kind.READ : Kind.WRITE;
      long called = clock.getAndIncrement();
      if (what < 4) {
        disk.read(first, numbers);
      } else if (what < 6) {
        for (int n = 0; n < numbers.length; n++) {
          numbers[n] = (int) values.incrementAndGet();
        }
        disk.write(first, numbers);
      } else {
        disk.zero(first, numbers.length, discards && what == 7);
      }
      calls.add(new DiskCall(called, clock.getAndIncrement(), kind, first, boxed(numbers)));
      if (random.nextInt(6) == 0) {
        disk.flush();
      }
    }
    return calls;
  }

  private static List<Integer> boxed(int[] numbers) {
    List<Integer> list = new ArrayList<>();
    for (int number : numbers) {
      list.add(number);
    }
    return list;
  }

  /** Runs a round; true if an order explains it. */
  private boolean round(ExecutorService pool, Sectors disk, long seed, boolean discards)
      throws Exception {
    int[] before = new int[SECTORS];
    disk.read(0, before);
    CyclicBarrier start = new CyclicBarrier(THREADS);
    List<Callable<List<DiskCall>>> tasks = new ArrayList<>();
    for (int thread = 0; thread < THREADS; thread++) {
      long own = seed * THREADS + thread;
      tasks.add(
          () -> {
            start.await();
            return calls(disk, own, discards);
          });
    }
    List<DiskCall> history = new ArrayList<>();
    for (Future<List<DiskCall>> calls : pool.invokeAll(tasks)) {
      history.addAll(calls.get());
    }
    return Linearizability.holds(history, boxed(before));
  }

  private void allRoundsHaveAnOrder(DiskImage image, int stride, boolean discards)
      throws Exception {
    try (ExecutorService pool = Executors.newFixedThreadPool(THREADS)) {
      for (int seed = 0; seed < ROUNDS; seed++) {
        assertThat(round(pool, new OnImage(image, stride), seed, discards))
            .as("round %d", seed)
            .isTrue();
      }
    }
  }

  private Path plain(String name) throws ImageException {
    Path path = directory.resolve(name);
    CreateOptions options = CreateOptions.qcow2(SECTORS * SPREAD).withClusterSize(SECTOR);
    DiskImage.create(path, options).close();
    return path;
  }

  private static OpenOptions small() {
    return OpenOptions.defaults().withL2CacheSize(SECTOR).withL2CacheEntrySize(SECTOR);
  }

  @Test
  void callsOnAQcow2ImageAreSteps() throws Exception {
    Path path = plain("disk.qcow2");
    try (DiskImage image = DiskImage.open(path, small())) {
      allRoundsHaveAnOrder(image, SECTOR, true);
    }
    QemuImg.assertClean(path);
  }

  @Test
  void callsThatEvictTablesAreSteps() throws Exception {
    try (DiskImage image = DiskImage.open(plain("disk.qcow2"), small())) {
      allRoundsHaveAnOrder(image, SPREAD, true);
      assertThat(image.stats().l2().evictions()).isPositive();
    }
  }

  @Test
  void callsOnASnapshotInMemoryAreSteps() throws Exception {
    try (DiskImage image = DiskImage.open(plain("disk.qcow2"), small().withSnapshot(true))) {
      allRoundsHaveAnOrder(image, SECTOR, false);
    }
  }

  @Test
  void callsOnAnImageWithABackingFileAreSteps() throws Exception {
    plain("base.qcow2");
    Path path = directory.resolve("overlay.qcow2");
    BackingReference base = new BackingReference("base.qcow2", Optional.of("qcow2"));
    DiskImage.create(
            path,
            CreateOptions.qcow2(SECTORS * SPREAD)
                .withClusterSize(4 * SECTOR)
                .withBacking(Optional.of(base)))
        .close();
    try (DiskImage image = DiskImage.open(path, small())) {
      allRoundsHaveAnOrder(image, SECTOR, false);
    }
  }

  @Test
  void callsOnARawImageAreSteps() throws Exception {
    Path path = directory.resolve("disk.raw");
    try (DiskImage image = DiskImage.create(path, CreateOptions.raw(SECTORS * SPREAD))) {
      allRoundsHaveAnOrder(image, SECTOR, false);
    }
  }

  /** A disk that carries calls out sector by sector is caught within a few rounds. */
  @Test
  void aDiskWhoseCallsAreNotStepsIsCaught() throws Exception {
    List<Integer> sectors =
        Collections.synchronizedList(new ArrayList<>(Collections.nCopies(SECTORS, 0)));
    Sectors torn =
        new Sectors() {
          @Override
          public void read(int first, int[] numbers) {
            for (int i = 0; i < numbers.length; i++) {
              numbers[i] = sectors.get(first + i);
              Thread.yield();
            }
          }

          @Override
          public void write(int first, int[] numbers) {
            for (int i = 0; i < numbers.length; i++) {
              sectors.set(first + i, numbers[i]);
              Thread.yield();
            }
          }

          @Override
          public void zero(int first, int count, boolean discard) {
            write(first, new int[count]);
          }

          @Override
          public void flush() {}
        };
    boolean caught = false;
    try (ExecutorService pool = Executors.newFixedThreadPool(THREADS)) {
      for (int seed = 0; seed < 100 * ROUNDS && !caught; seed++) {
        caught = !round(pool, torn, seed, true);
      }
    }
    assertThat(caught).isTrue();
  }

  @Test
  void aReadOfWhatIsOverwrittenAlreadyHasNoOrder() {
    DiskCall write = new DiskCall(0, 1, Kind.WRITE, 0, List.of(1));
    DiskCall stale = new DiskCall(2, 3, Kind.READ, 0, List.of(0));
    DiskCall during = new DiskCall(0, 3, Kind.READ, 0, List.of(0));

    assertThat(Linearizability.holds(List.of(write, stale), List.of(0))).isFalse();
    assertThat(Linearizability.holds(List.of(write, during), List.of(0))).isTrue();
  }

  @Test
  void halfAWriteHasNoOrder() {
    DiskCall write = new DiskCall(0, 9, Kind.WRITE, 0, List.of(1, 1));
    DiskCall torn = new DiskCall(1, 2, Kind.READ, 0, List.of(1, 0));
    DiskCall whole = new DiskCall(1, 2, Kind.READ, 0, List.of(1, 1));

    assertThat(Linearizability.holds(List.of(write, torn), List.of(0, 0))).isFalse();
    assertThat(Linearizability.holds(List.of(write, whole), List.of(0, 0))).isTrue();
  }
}
