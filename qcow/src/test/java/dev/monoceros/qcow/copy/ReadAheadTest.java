package dev.monoceros.qcow.copy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ReadAheadTest {
  private static final int TASKS = 2000;

  @Test
  void anExecutorThatRunsAtOnceRunsEachTaskAtOnce() {
    List<Integer> ran = new ArrayList<>();
    ReadAhead ahead = new ReadAhead(Runnable::run, 1);
    for (int i = 0; i < 3; i++) {
      int number = i;
      ahead.add(new FutureTask<>(() -> ran.add(number)));
      assertThat(ran).hasSize(i + 1);
    }
    assertThat(ran).containsExactly(0, 1, 2);
  }

  @Test
  void noTaskIsForgottenHoweverLongTheOwnerWaitsBetweenThem() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(3);
    try {
      ReadAhead ahead = new ReadAhead(pool, 3);
      SplittableRandom random = new SplittableRandom(1);
      for (int i = 0; i < TASKS; i++) {
        FutureTask<Integer> task = new FutureTask<>(() -> 1);
        ahead.add(task);
        // At times about as long as a worker's patience lasts, so that it leaves meanwhile.
        if (i % 100 == 0) {
          TimeUnit.MICROSECONDS.sleep(random.nextInt(20_000));
        }
        if (random.nextInt(4) == 0) {
          assertThat(task.get(10, TimeUnit.SECONDS)).isEqualTo(1);
        }
      }
      FutureTask<Integer> last = new FutureTask<>(() -> 1);
      ahead.add(last);
      assertThat(last.get(10, TimeUnit.SECONDS)).isEqualTo(1);
    } finally {
      pool.shutdown();
    }
    assertThat(pool.awaitTermination(10, TimeUnit.SECONDS)).as("workers leave").isTrue();
  }

  @Test
  void neverMoreWorkersThanAskedForButAllOfThemWhereWorkPilesUp() throws Exception {
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    ExecutorService pool = Executors.newFixedThreadPool(8);
    try {
      ReadAhead ahead = new ReadAhead(pool, 3);
      List<FutureTask<?>> tasks = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        FutureTask<?> task =
            new FutureTask<>(
                () -> {
                  most.accumulateAndGet(running.incrementAndGet(), Math::max);
                  LockSupport.parkNanos(2_000_000);
                  running.decrementAndGet();
                  return null;
                });
        tasks.add(task);
        ahead.add(task);
      }
      for (FutureTask<?> task : tasks) {
        task.get(10, TimeUnit.SECONDS);
      }
    } finally {
      pool.shutdown();
    }
    assertThat(most.get()).isEqualTo(3);
  }
}
