package dev.monoceros.cli.directory;

import dev.monoceros.machine.cpu.IdlePolicy;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Lets an idle guest wait as long on the host's clock as on its own, some hundredths of a second at
 * a time: a serial port that looks for input every millisecond would otherwise wake the host for
 * each look, which a busy host does late.
 */
final class BatchedIdle implements IdlePolicy {
  private static final long BATCH = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long LONGEST = TimeUnit.MILLISECONDS.toNanos(100);

  private long owed;

  @Override
  public long idle(long now, long until) {
    long wait = Math.min(until - now, LONGEST);
    owed += wait;
    if (owed >= BATCH) {
      LockSupport.parkNanos(owed);
      owed = 0;
    }
    return now + wait;
  }
}
