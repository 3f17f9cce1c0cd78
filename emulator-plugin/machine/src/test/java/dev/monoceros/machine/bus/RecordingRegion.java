package dev.monoceros.machine.bus;

import java.util.ArrayList;
import java.util.List;

/** Remembers accesses and answers each read with a constant. */
public final class RecordingRegion implements IoRegion {
  public final List<String> log = new ArrayList<>();
  private final long answer;

  public RecordingRegion(long answer) {
    this.answer = answer;
  }

  @Override
  public long read(long offset, int size) {
    log.add("r%d@%x".formatted(size, offset));
    return answer;
  }

  @Override
  public void write(long offset, int size, long value) {
    log.add("w%d@%x=%x".formatted(size, offset, value));
  }
}
