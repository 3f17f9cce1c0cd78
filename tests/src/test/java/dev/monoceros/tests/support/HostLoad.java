package dev.monoceros.tests.support;

import java.util.ArrayList;
import java.util.List;

/** Keeps every core of the host busy until closed. */
public final class HostLoad implements AutoCloseable {
  private final List<Thread> spinners = new ArrayList<>();
  private volatile boolean stop;
  private volatile long spun;

  private HostLoad() {}

  /** One thread for each core. */
  public static HostLoad onAllCores() {
    HostLoad load = new HostLoad();
    for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
      load.spinners.add(Thread.ofPlatform().daemon().name("load-" + i).start(load::spin));
    }
    return load;
  }

  private void spin() {
    long value = 1;
    while (!stop) {
      for (int i = 0; i < 1_000_000; i++) {
        value = value * 6_364_136_223_846_793_005L + 1_442_695_040_888_963_407L;
      }
      spun = value;
    }
  }

  /** Whether the threads have done something. */
  public boolean worked() {
    return spun != 0;
  }

  @Override
  public void close() {
    stop = true;
    for (Thread spinner : spinners) {
      try {
        spinner.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
