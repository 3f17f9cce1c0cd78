package dev.monoceros.qcow.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;

/**
 * What a disk may hold after a cut: for each byte the value at the last completed flush, or any
 * value that was given to it since.
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public final class CutModel {
  /** One change of guest data, begun at the moment {@code begun} of the file. */
  private record Operation(int begun, int offset, byte[] data) {}

  private record Flush(int completed, byte[] disk) {}

  private final byte[] disk;
  private final List<Flush> flushes = new ArrayList<>();
  private final List<Operation> operations = new ArrayList<>();

  public CutModel(byte[] disk) {
    this.disk = disk.clone();
    flushes.add(new Flush(0, disk.clone()));
  }

  /** Call before the image is changed. */
  public void begin(int moment, int offset, byte[] data) {
    operations.add(new Operation(moment, offset, data));
    System.arraycopy(data, 0, disk, offset, data.length);
  }

  /** Call after a flush returned. */
  public void flushed(int moment) {
    flushes.add(new Flush(moment, disk.clone()));
  }

  public byte[] disk() {
    return disk;
  }

  /** Checks a disk found after a cut at {@code moment}. */
  public void assertAllowed(int moment, byte[] found) {
    Flush last = flushes.getFirst();
    for (Flush flush : flushes) {
      if (flush.completed <= moment) {
        last = flush;
      }
    }
    boolean[] ok = new boolean[found.length];
    for (int i = 0; i < found.length; i++) {
      ok[i] = found[i] == last.disk[i];
    }
    for (Operation operation : operations) {
      if (operation.begun >= last.completed && operation.begun <= moment) {
        for (int i = 0; i < operation.data.length; i++) {
          ok[operation.offset + i] |= found[operation.offset + i] == operation.data[i];
        }
      }
    }
    int wrong = 0;
    while (wrong < ok.length && ok[wrong]) {
      wrong++;
    }
    assertThat(wrong)
        .as("first byte after the cut at %d that nobody promised", moment)
        .isEqualTo(found.length);
  }
}
