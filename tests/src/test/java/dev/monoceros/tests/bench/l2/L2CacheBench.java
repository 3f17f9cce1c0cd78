package dev.monoceros.tests.bench.l2;

import dev.monoceros.tests.bench.Host;
import dev.monoceros.tests.support.Guests;
import dev.monoceros.tests.support.Images;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.commons.io.FileUtils;

/**
 * Four groups of mixed reads and writes with caches of 1, 32, 128 and all L2 tables, against two
 * controls without a cache. The image is in memory, fully mapped, with 64 KiB clusters, and 20
 * times the cover of 32 tables: 320 GiB. Rounds alternate between the subjects; medians count.
 * Argument: number of rounds (7).
 */
public final class L2CacheBench {
  private static final long TABLE_BYTES = 65536;
  private static final long TABLE_COVER = 512L << 20;
  private static final int TABLES = 640;
  private static final int DEFAULT_ROUNDS = 7;
  private static final int WARM_UP = 2;
  private static final double NANOS = 1e9;
  private static final int READ = 0;
  private static final int WRITE = 1;

  private static final List<Job> JOBS =
      List.of(
          new Job("mixed sync, 4 KiB", 4096, 40_000, Job.Shape.MIXED, 100),
          new Job("large sequential, 8 KiB, 8 streams", 8192, 40_000, Job.Shape.STREAMS, 10_000),
          new Job("random, 4 KiB, whole disk", 4096, 40_000, Job.Shape.RANDOM, 10_000),
          new Job("medium, 8 KiB, window of 8 tables", 8192, 40_000, Job.Shape.WINDOW, 1_000));

  /** What the cache's first author measured with 32 tables, against no cache: read, write. */
  private static final double[][] SEED = {{1.88, 2.93}, {1.58, 2.30}, {1.28, 1.21}, {1.36, 2.15}};

  private L2CacheBench() {}

  /** A way to open the disk. */
  private interface Opener {
    Disk open(Path path) throws IOException;
  }

  private record Subject(String name, Opener opener) {}

  private static final List<Subject> SUBJECTS =
      List.of(
          new Subject("none-table", path -> UncachedDisk.open(path, true)),
          new Subject("none-entry", path -> UncachedDisk.open(path, false)),
          new Subject("1 table", path -> CachedDisk.open(path, TABLE_BYTES)),
          new Subject("32 tables", path -> CachedDisk.open(path, 32 * TABLE_BYTES)),
          new Subject("128 tables", path -> CachedDisk.open(path, 128 * TABLE_BYTES)),
          new Subject("all tables", path -> CachedDisk.open(path, TABLES * TABLE_BYTES)));

  public static void main(String[] arguments) throws IOException {
    int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : DEFAULT_ROUNDS;
    Path memory = Path.of("/dev/shm");
    Path directory =
        Files.isWritable(memory)
            ? Files.createTempDirectory(memory, "l2-bench")
            : Files.createTempDirectory("l2-bench");
    try {
      System.out.println(Host.describe());
      List<Disk> disks = open(directory);
      try {
        for (int i = 0; i < JOBS.size(); i++) {
          print(i, measure(JOBS.get(i), disks, rounds));
        }
      } finally {
        for (Disk disk : disks) {
          disk.close();
        }
      }
    } finally {
      FileUtils.deleteDirectory(directory.toFile());
    }
  }

  /** Each subject has an image of its own, all of them alike. */
  private static List<Disk> open(Path directory) throws IOException {
    List<Disk> disks = new ArrayList<>();
    for (int i = 0; i < SUBJECTS.size(); i++) {
      Path image = directory.resolve(i + ".qcow2");
      create(image);
      disks.add(SUBJECTS.get(i).opener().open(image));
    }
    return disks;
  }

  /** By somebody else's tool, so that both kinds of subject read what neither has written. */
  private static void create(Path image) throws IOException {
    Images.output(
        Guests.oracles().qemuImg(),
        "create",
        "-q",
        "-f",
        "qcow2",
        "-o",
        "preallocation=metadata",
        image.toString(),
        Long.toString(TABLES * TABLE_COVER));
  }

  /** Seconds by subject, direction and round. Disks stay open, as a machine's does. */
  private static double[][][] measure(Job job, List<Disk> disks, int rounds) throws IOException {
    long[] offsets = job.offsets(TABLES * TABLE_COVER);
    ByteBuffer buffer = ByteBuffer.allocateDirect(job.blockSize());
    double[][][] seconds = new double[SUBJECTS.size()][2][rounds];
    for (int round = -WARM_UP; round < rounds; round++) {
      for (int s = 0; s < SUBJECTS.size(); s++) {
        double[] once = run(disks.get(s), job, offsets, buffer);
        if (round >= 0) {
          seconds[s][READ][round] = once[READ];
          seconds[s][WRITE][round] = once[WRITE];
        }
      }
    }
    return seconds;
  }

  /** Half of the requests write; a flush counts as part of the write before it. */
  private static double[] run(Disk disk, Job job, long[] offsets, ByteBuffer buffer)
      throws IOException {
    long[] nanos = new long[2];
    for (int i = 0; i < offsets.length; i++) {
      int direction = (i ^ i >>> 3) & 1;
      buffer.clear();
      long begin = System.nanoTime();
      if (direction == READ) {
        disk.read(offsets[i], buffer);
      } else {
        disk.write(offsets[i], buffer);
        if (i / 2 % (job.flushEvery() / 2) == 0) {
          disk.flush();
        }
      }
      nanos[direction] += System.nanoTime() - begin;
    }
    return new double[] {nanos[READ] / NANOS, nanos[WRITE] / NANOS};
  }

  private static void print(int group, double[][][] seconds) {
    Job job = JOBS.get(group);
    System.out.printf(
        "%n| %-35s | read IOPS | ratio to table, entry | write IOPS | ratio to table |%n",
        job.name());
    System.out.println("|---|---|---|---|---|");
    double tableRead = median(seconds[0][READ]);
    double tableWrite = median(seconds[0][WRITE]);
    double entryRead = median(seconds[1][READ]);
    for (int s = 0; s < SUBJECTS.size(); s++) {
      double read = median(seconds[s][READ]);
      double write = median(seconds[s][WRITE]);
      System.out.printf(
          Locale.ROOT,
          "| %-35s | %,.0f | %.2f, %.2f | %,.0f | %.2f |%n",
          SUBJECTS.get(s).name(),
          job.requests() / 2 / read,
          tableRead / read,
          entryRead / read,
          job.requests() / 2 / write,
          tableWrite / write);
    }
    System.out.printf(
        Locale.ROOT,
        "The seed's ratios with 32 tables: read %.2f, write %.2f.%n",
        SEED[group][READ],
        SEED[group][WRITE]);
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
