package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.qcow.oracle.DiskModel;
import dev.monoceros.qcow.oracle.NeedsQemu;
import dev.monoceros.qcow.oracle.QemuImg;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Several threads on one image, which shares clusters' tables but not a byte of the disk. */
@NeedsQemu
class ThreadsTest {
  private static final int THREADS = 4;
  private static final int STRIPE = 512;
  private static final int SIZE = 2 << 20;

  @TempDir Path directory;

  /** Each thread owns every fourth sector, so that all of them meet in every cluster. */
  private static byte[] work(DiskImage image, int thread) throws ImageException {
    SplittableRandom random = new SplittableRandom(thread);
    byte[] mine = new byte[SIZE / THREADS];
    for (int i = 0; i < 1500; i++) {
      int slot = random.nextInt(mine.length / STRIPE);
      long offset = ((long) slot * THREADS + thread) * STRIPE;
      if (i % 3 == 0) {
        ByteBuffer target = ByteBuffer.allocate(STRIPE);
        image.read(offset, target);
        assertThat(target.flip()).isEqualTo(ByteBuffer.wrap(mine, slot * STRIPE, STRIPE));
      } else {
        byte[] data = DiskModel.pattern(STRIPE, random.nextLong());
        image.write(offset, ByteBuffer.wrap(data));
        System.arraycopy(data, 0, mine, slot * STRIPE, STRIPE);
      }
      if (i % 100 == 0) {
        image.flush();
      }
    }
    return mine;
  }

  @Test
  @Timeout(60)
  void threadsThatShareEveryClusterDoNotDisturbEachOther() throws Exception {
    Path path = directory.resolve("disk.qcow2");
    DiskModel model = new DiskModel(SIZE);
    CreateOptions create = CreateOptions.qcow2(SIZE).withClusterSize(4096);
    try (DiskImage image = DiskImage.create(path, create);
        ExecutorService pool = Executors.newFixedThreadPool(THREADS)) {
      List<Future<byte[]>> results = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        int thread = i;
        results.add(pool.submit(() -> work(image, thread)));
      }
      for (int thread = 0; thread < THREADS; thread++) {
        byte[] theirs = results.get(thread).get();
        for (int at = 0; at < theirs.length; at += STRIPE) {
          byte[] stripe = Arrays.copyOfRange(theirs, at, at + STRIPE);
          model.put(((long) at / STRIPE * THREADS + thread) * STRIPE, stripe);
        }
      }
      model.assertWholeDisk(image);
    }
    QemuImg.assertClean(path);
    model.assertEquals(QemuImg.contents(path));
  }
}
