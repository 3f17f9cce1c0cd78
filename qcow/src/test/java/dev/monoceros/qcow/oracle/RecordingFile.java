package dev.monoceros.qcow.oracle;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Remembers every change and every flush, so that a power cut can be played between any two. Files
 * of one image share a timeline, so that the cut hits them at the same moment.
 */
public final class RecordingFile extends MemoryFile {
  private static final int SECTOR = 512;

  /** Counts the changes and flushes of some files together. */
  public static final class Timeline {
    private int now;
  }

  private sealed interface Event {
    int time();

    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    record Write(int time, long position, byte[] data) implements Event {}

    record Cut(int time, long size) implements Event {}

    record Force(int time) implements Event {}
  }

  private final byte[] initial;
  private final Timeline timeline;
  private final List<Event> events = new ArrayList<>();

  public RecordingFile(byte[] initial) {
    this(initial, new Timeline());
  }

  public RecordingFile(byte[] initial, Timeline timeline) {
    super(initial);
    this.initial = initial.clone();
    this.timeline = timeline;
  }

  @Override
  protected void before(String access, long position, int length) throws IOException {
    if (access.equals("truncate")) {
      events.add(new Event.Cut(timeline.now++, position));
    }
  }

  @Override
  protected void written(long position, byte[] data) {
    events.add(new Event.Write(timeline.now++, position, data));
  }

  @Override
  protected void forced() {
    events.add(new Event.Force(timeline.now++));
  }

  /** Number of changes and flushes so far; any number up to this is a moment to cut at. */
  public int events() {
    return timeline.now;
  }

  /** The moments right after a write within a range of the file. */
  public List<Integer> momentsAfterWritesIn(long from, long to) {
    List<Integer> moments = new ArrayList<>();
    for (Event event : events) {
      if (event instanceof Event.Write(int time, long position, byte[] _)
          && position >= from
          && position < to) {
        moments.add(time + 1);
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
    int safe = 0;
    for (Event event : events) {
      if (event instanceof Event.Force && event.time() < moment) {
        safe = event.time();
      }
    }
    return replay(moment, safe, random);
  }

  private byte[] replay(int moment, int safe, SplittableRandom random) {
    MemoryFile file = new MemoryFile(initial);
    for (Event event : events) {
      if (event.time() >= moment) {
        break;
      }
      switch (event) {
        case Event.Write(int time, long position, byte[] data) -> {
          if (time < safe) {
            file.apply(position, data);
          } else {
            applyTorn(file, position, data, random);
          }
        }
        case Event.Cut(int _, long size) -> file.cut(size);
        case Event.Force(int _) -> {}
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
