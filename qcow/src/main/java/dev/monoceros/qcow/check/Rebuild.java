package dev.monoceros.qcow.check;

import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.HeaderField;
import dev.monoceros.qcow.format.Limits;
import dev.monoceros.qcow.format.TableEntry;
import dev.monoceros.qcow.io.ImageFault;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Makes new refcount structures from the references that were counted. They take clusters that
 * nothing points at; the old ones stay counted, and are leaked once the header leads to the new.
 */
final class Rebuild {
  private final Examination exam;
  private final Overlaps overlaps;
  private final Geometry geometry;
  private final RefcountArray counts;
  private final long perBlock;
  private long[] table = {};
  private long firstFree;

  private Rebuild(Examination exam, Overlaps overlaps) {
    this.exam = exam;
    this.overlaps = overlaps;
    this.geometry = exam.layout().geometry();
    this.counts = exam.counted().counts();
    this.perBlock = geometry.refcountsPerBlock();
  }

  /** Writes new structures and returns where they are. */
  static Layout run(Examination exam, Overlaps overlaps) throws ImageFault, CheckStopped {
    return new Rebuild(exam, overlaps).run();
  }

  private Layout run() throws ImageFault, CheckStopped {
    placeBlocks(0, counts.size());
    long place;
    int clusters;
    // Where the table lies needs blocks, too, and these may need a longer table, elsewhere. The
    // place that was too short stays counted; leaks are looked for afterwards anyway.
    int before;
    do {
      before = table.length;
      clusters = table.length / geometry.entriesPerCluster();
      firstFree = 0;
      place = allocate(clusters, 0);
      firstFree = 0;
      placeBlocks(place, place + clusters);
    } while (table.length != before);
    write(place << geometry.clusterBits(), clusters);
    return exam.layout().withRefcountTable(place << geometry.clusterBits(), clusters);
  }

  /** Gives a block to every range of clusters with something counted in it. */
  private void placeBlocks(long from, long to) throws CheckStopped {
    long end = to;
    long cluster = from;
    while (cluster < end) {
      cluster = counts.skipAbsent(cluster);
      if (cluster >= end) {
        return;
      }
      if (counts.get(cluster) == 0) {
        cluster++;
        continue;
      }
      long index = cluster / perBlock;
      if (index >= table.length || table[(int) index] == 0) {
        // Not into what an earlier block counts, or that would not be finished.
        long block = allocate(1, index * perBlock);
        end = Math.max(end, block + 1);
        growTable(index);
        table[(int) index] = block << geometry.clusterBits();
      }
      cluster = (index + 1) * perBlock;
    }
  }

  private void growTable(long index) throws CheckStopped {
    if (index < table.length) {
      return;
    }
    long bytes = geometry.roundUp((index + 1) * TableEntry.BYTES);
    if (bytes > Limits.REFCOUNT_TABLE_BYTES) {
      exam.say(Messages.TOOL + "ERROR allocating reftable memory");
      exam.tally().checkErrors++;
      throw new CheckStopped(CheckStopped.TOO_LARGE);
    }
    table = Arrays.copyOf(table, (int) (bytes / TableEntry.BYTES));
  }

  /** First run of free clusters from {@code least} on; they are counted when it returns. */
  private long allocate(int count, long least) throws CheckStopped {
    long cluster = Math.max(firstFree, least);
    long run = 0;
    while (run < count) {
      run = cluster < counts.size() && counts.get(cluster) != 0 ? 0 : run + 1;
      cluster++;
    }
    long first = cluster - count;
    counts.growTo(cluster);
    for (long i = first; i < cluster; i++) {
      counts.set(i, 1);
    }
    if (count == 1) {
      firstFree = first;
    }
    return first;
  }

  private void write(long place, int clusters) throws ImageFault, CheckStopped {
    for (int i = 0; i < table.length; i++) {
      if (table[i] != 0) {
        requireFree(table[i], geometry.clusterSize(), "ERROR writing refblock");
        exam.file().write(counts.block(i * perBlock, geometry.clusterSize()), table[i]);
      }
    }
    ByteBuffer bytes = ByteBuffer.allocate(table.length * TableEntry.BYTES);
    requireFree(place, bytes.capacity(), "ERROR writing reftable");
    bytes.asLongBuffer().put(table);
    exam.file().write(bytes, place);
    exam.file().barrier();
    ByteBuffer fields = ByteBuffer.allocate(Long.BYTES + Integer.BYTES);
    exam.file()
        .write(fields.putLong(place).putInt(clusters).flip(), HeaderField.REFCOUNT_TABLE_OFFSET);
    exam.file().barrier();
  }

  private void requireFree(long offset, long size, String sentence)
      throws ImageFault, CheckStopped {
    String overlap = overlaps.with(offset, size, Overlaps.Ignore.NOTHING);
    if (overlap != null) {
      exam.say(Overlaps.sentence(overlap));
      exam.say(Messages.TOOL + sentence + ": " + CheckStopped.IO);
      exam.tally().checkErrors++;
      throw new CheckStopped(CheckStopped.IO);
    }
  }
}
