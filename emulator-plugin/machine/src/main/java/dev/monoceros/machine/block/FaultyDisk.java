package dev.monoceros.machine.block;

import dev.monoceros.machine.block.FaultRule.Condition;
import dev.monoceros.machine.block.FaultRule.Effect;
import dev.monoceros.machine.block.FaultRule.Operation;
import dev.monoceros.virtio.memory.GuestBuffers;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * A disk with injected faults: what its plan says happens to the operations that a guest causes,
 * and the rest reaches the disk behind. Injected faults are no failures of the disk.
 */
public final class FaultyDisk implements Disk {
  private static final int BY_CHANCE = 0;
  private static final int TORN_AT = 1;

  private final Disk disk;
  private final FaultPlan plan;
  private final long[] seen;
  private long delay;

  /**
   * @param disk is closed with this one
   */
  public FaultyDisk(Disk disk, FaultPlan plan) {
    this.disk = disk;
    this.plan = plan;
    this.seen = new long[plan.rules().size()];
  }

  /** What the plan has for an operation: the rule that makes it fail, if one does. */
  private record Fate(FaultRule rule, long kept) {
    private static final Fate GOOD = new Fate(null, 0);

    boolean fails() {
      return rule != null;
    }

    IOException error() {
      return new IOException("injected by " + rule.text());
    }
  }

  private Fate fate(Operation operation, long offset, long length) {
    Fate fate = Fate.GOOD;
    for (int i = 0; i < seen.length; i++) {
      FaultRule rule = plan.rules().get(i);
      if (rule.operation().covers(operation) && applies(i, ++seen[i], offset, length)) {
        Fate own = effect(rule, i, operation, length);
        fate = fate.fails() ? fate : own;
      }
    }
    return fate;
  }

  private boolean applies(int rule, long number, long offset, long length) {
    for (Condition condition : plan.rules().get(rule).conditions()) {
      boolean holds =
          switch (condition) {
            case Condition.Number(long first, long last) -> number >= first && number <= last;
            case Condition.Every(long count) -> number % count == 0;
            case Condition.Sectors(long first, long last) ->
                length > 0
                    && offset / SECTOR_SIZE <= last
                    && (offset + length - 1) / SECTOR_SIZE >= first;
            case Condition.Probability(double value) ->
                plan.chance(rule, number, BY_CHANCE) < value;
          };
      if (!holds) {
        return false;
      }
    }
    return true;
  }

  private Fate effect(FaultRule rule, int index, Operation operation, long length) {
    return switch (rule.effect()) {
      case Effect.Error() -> new Fate(rule, 0);
      case Effect.Delay(long nanos) -> {
        delay += nanos;
        yield Fate.GOOD;
      }
      case Effect.Torn() -> {
        if (!operation.stores()) {
          yield Fate.GOOD;
        }
        double where = plan.chance(index, seen[index], TORN_AT);
        yield new Fate(rule, (long) (where * (length / SECTOR_SIZE)) * SECTOR_SIZE);
      }
    };
  }

  @Override
  public long takeDelayNanos() {
    long taken = delay + disk.takeDelayNanos();
    delay = 0;
    return taken;
  }

  @Override
  public void read(long offset, GuestBuffers target) throws IOException {
    requireGood(fate(Operation.READ, offset, target.byteSize()));
    disk.read(offset, target);
  }

  private static void requireGood(Fate fate) throws IOException {
    if (fate.fails()) {
      throw fate.error();
    }
  }

  @Override
  public void write(long offset, GuestBuffers source) throws IOException {
    Fate fate = fate(Operation.WRITE, offset, source.byteSize());
    if (!fate.fails()) {
      disk.write(offset, source);
      return;
    }
    long done = 0;
    for (int i = 0; i < source.count() && done < fate.kept(); i++) {
      long part = Math.min(source.length(i), fate.kept() - done);
      disk.write(offset + done, source.slice(i).asSlice(0, part));
      done += part;
    }
    throw fate.error();
  }

  @Override
  public void flush() throws IOException {
    requireGood(fate(Operation.FLUSH, 0, 0));
    disk.flush();
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    requireGood(fate(Operation.DISCARD, offset, length));
    disk.discard(offset, length);
  }

  @Override
  public void writeZeroes(long offset, long length, boolean mayUnmap) throws IOException {
    change(Operation.ZERO, offset, length, kept -> disk.writeZeroes(offset, kept, mayUnmap));
  }

  @Override
  public void secureErase(long offset, long length) throws IOException {
    change(Operation.ERASE, offset, length, kept -> disk.secureErase(offset, kept));
  }

  /** Makes a change, or its first bytes and then fails. */
  private void change(Operation operation, long offset, long length, Change change)
      throws IOException {
    Fate fate = fate(operation, offset, length);
    if (!fate.fails()) {
      change.make(length);
      return;
    }
    if (fate.kept() > 0) {
      change.make(fate.kept());
    }
    throw fate.error();
  }

  private interface Change {
    void make(long length) throws IOException;
  }

  /** Not the guest's: no fault. */
  @Override
  public void read(long offset, MemorySegment target) throws IOException {
    disk.read(offset, target);
  }

  /** Not the guest's: no fault. */
  @Override
  public void write(long offset, MemorySegment source) throws IOException {
    disk.write(offset, source);
  }

  @Override
  public void resize(long bytes) throws IOException {
    disk.resize(bytes);
  }

  @Override
  public long capacitySectors() {
    return disk.capacitySectors();
  }

  @Override
  public boolean readOnly() {
    return disk.readOnly();
  }

  @Override
  public boolean unmapsZeroes() {
    return disk.unmapsZeroes();
  }

  @Override
  public boolean discards() {
    return disk.discards();
  }

  @Override
  public int discardAlignment() {
    return disk.discardAlignment();
  }

  @Override
  public boolean erasesSecurely() {
    return disk.erasesSecurely();
  }

  @Override
  public CacheCounts cacheCounts() {
    return disk.cacheCounts();
  }

  @Override
  public Optional<IOException> failure() {
    return disk.failure();
  }

  @Override
  public void close() throws IOException {
    disk.close();
  }
}
