package dev.monoceros.tests.arch.broken.virtio;

/** A second thread in device code. */
final class StartsThreads {
  private StartsThreads() {}

  static Thread worker(Runnable work) {
    return Thread.ofPlatform().daemon().unstarted(work);
  }
}
