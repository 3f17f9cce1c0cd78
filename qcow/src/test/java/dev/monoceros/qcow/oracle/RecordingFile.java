package dev.monoceros.qcow.oracle;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Remembers every change and every flush, so that a power cut can be played between any two. */
public final class RecordingFile extends MemoryFile {
  private static final int SECTOR = 512;

  private sealed interface Event {
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    record Write(long position, byte[] data) implements Event {}

    record Cut(long size) implements Event {}

    record Force() implements Event {}
  }

  private final byte[] initial;
  private final List<Event> events = new ArrayList<>();

  public RecordingFile(byte[] initial) {
    super(initial);
    this.initial = initial.clone();
  }

  @Override
  protected void before(String access, long position, int length) throws IOException {
    if (access.equals("truncate")) {
      events.add(new Event.Cut(position));
    }
  }

  @Override
  protected void written(long position, byte[] data) {
    events.add(new Event.Write(position, data));
  }

  @Override
  protected void forced() {
    events.add(new Event.Force());
  }

  /** Number of changes and flushes so far; any number up to this is a moment to cut at. */
  public int events() {
    return events.size();
  }

  /** The moments right after a write within a range of the file. */
  public List<Integer> momentsAfterWritesIn(long from, long to) {
    List<Integer> moments = new ArrayList<>();
    for (int i = 0; i < events.size(); i++) {
      if (events.get(i) instanceof Event.Write(long position, byte[] _)
          && position >= from
          && position < to) {
        moments.add(i + 1);
      }
    }
    return moments;
  }

  /** The file at that moment if every change reached the disk at once. */
  public byte[] cutAt(int moment) {
    return replay(moment, moment, null);
  }

  /**
   * The file after a power cut on a disk that reorders: all changes up to the last completed flush
   * are there; of each later write all, none or some of its sectors are.
   */
  public byte[] cutAt(int moment, SplittableRandom random) {
    int safe = moment;
    while (safe > 0 && !(events.get(safe - 1) instanceof Event.Force)) {
      safe--;
    }
    return replay(moment, safe, random);
  }

  private byte[] replay(int moment, int safe, SplittableRandom random) {
    MemoryFile file = new MemoryFile(initial);
    for (int i = 0; i < moment; i++) {
      switch (events.get(i)) {
        case Event.Write(long position, byte[] data) -> {
          if (i < safe) {
            file.apply(position, data);
          } else {
            applyTorn(file, position, data, random);
          }
        }
        case Event.Cut(long size) -> file.cut(size);
        case Event.Force() -> {}
      }
    }
    return file.bytes();
  }

  private static void applyTorn(
      MemoryFile file, long position, byte[] data, SplittableRandom random) {
    int keep = random.nextInt(4);
    int at = 0;
    while (at < data.length) {
      int length = SECTOR - (int) ((position + at) % SECTOR);
      length = Math.min(length, data.length - at);
      // All of it, none of it, or a random half of its sectors.
      if (keep == 0 || (keep > 1 && random.nextBoolean())) {
        file.apply(position + at, Arrays.copyOfRange(data, at, at + length));
      }
      at += length;
    }
  }
}
