package dev.monoceros.qcow.oracle;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Remembers every change, so that a power cut can be played at any point. */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public final class RecordingFile extends MemoryFile {
  private static final int SECTOR = 512;

  /** A write, or a cut to {@code position} if {@code data} is null. */
  private record Change(long position, byte[] data) {}

  private final byte[] initial;
  private final List<Change> changes = new ArrayList<>();
  private final List<Integer> forces = new ArrayList<>();

  public RecordingFile(byte[] initial) {
    super(initial);
    this.initial = initial.clone();
  }

  @Override
  protected void before(String access, long position, int length) throws IOException {
    if (access.equals("truncate")) {
      changes.add(new Change(position, null));
    }
  }

  @Override
  protected void written(long position, byte[] data) {
    changes.add(new Change(position, data));
  }

  @Override
  protected void forced() {
    forces.add(changes.size());
  }

  /** Number of changes so far; any number up to this is a place to cut. */
  public int changes() {
    return changes.size();
  }

  /** Places to cut right after a change within a range of the file. */
  public List<Integer> cutsAfterChangesIn(long from, long to) {
    List<Integer> cuts = new ArrayList<>();
    for (int i = 0; i < changes.size(); i++) {
      long position = changes.get(i).position;
      if (changes.get(i).data != null && position >= from && position < to) {
        cuts.add(i + 1);
      }
    }
    return cuts;
  }

  /** The file after the first {@code count} changes, all of which reached the disk. */
  public byte[] cutAfter(int count) {
    return replay(count, count, null);
  }

  /**
   * The file after a power cut at {@code count} changes on a disk that reorders: all changes up to
   * the last flush are there; of the later ones each sector is there or is not.
   */
  public byte[] cutAfter(int count, SplittableRandom random) {
    int safe = 0;
    for (int force : forces) {
      if (force <= count) {
        safe = force;
      }
    }
    return replay(count, safe, random);
  }

  private byte[] replay(int count, int safe, SplittableRandom random) {
    MemoryFile file = new MemoryFile(initial);
    for (int i = 0; i < count; i++) {
      Change change = changes.get(i);
      if (change.data == null) {
        file.cut(change.position);
      } else if (i < safe) {
        file.apply(change.position, change.data);
      } else {
        applyTorn(file, change, random);
      }
    }
    return file.bytes();
  }

  private static void applyTorn(MemoryFile file, Change change, SplittableRandom random) {
    int keep = random.nextInt(4);
    int at = 0;
    while (at < change.data.length) {
      int length = SECTOR - (int) ((change.position + at) % SECTOR);
      length = Math.min(length, change.data.length - at);
      // All of it, none of it, or a random half of its sectors.
      if (keep == 0 || (keep > 1 && random.nextBoolean())) {
        byte[] part = Arrays.copyOfRange(change.data, at, at + length);
        file.apply(change.position + at, part);
      }
      at += length;
    }
  }
}
