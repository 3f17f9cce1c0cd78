package dev.monoceros.qcow.check;

import dev.monoceros.qcow.bitmap.BitmapDirectory;
import dev.monoceros.qcow.bitmap.BitmapEntry;
import dev.monoceros.qcow.bitmap.BitmapsExtension;
import dev.monoceros.qcow.format.TableEntry;
import dev.monoceros.qcow.io.ImageFault;
import java.nio.ByteBuffer;

/** Counts what the persistent bitmaps refer to, section "Bitmaps". */
final class BitmapWalk {
  private static final int CHUNK_ENTRIES = 8192;

  /** Of all bitmaps together: 16 GiB of tables, more than any image in use has. */
  private static final long MAX_ENTRIES = 1L << 31;

  private BitmapWalk() {}

  static void walk(Examination exam) throws ImageFault, CheckStopped {
    BitmapsExtension place = exam.layout().bitmaps();
    if (place.count() == 0) {
      return;
    }
    exam.counted().add(place.offset(), place.length());
    BitmapDirectory directory;
    try {
      directory =
          BitmapDirectory.read(exam.file(), exam.layout().geometry(), exam.layout().size(), place);
    } catch (ImageFault e) {
      if (e.getCause() != null) {
        throw e;
      }
      exam.tally().corruptions++;
      throw new CheckStopped(CheckStopped.INVALID);
    }
    long entries = 0;
    for (BitmapEntry table : directory.entries()) {
      entries += table.tableEntries();
      if (entries > MAX_ENTRIES) {
        throw new CheckStopped(CheckStopped.TOO_LARGE);
      }
      exam.counted().add(table.tableOffset(), (long) table.tableEntries() * TableEntry.BYTES);
      if (table.tableOffset() < 0 || table.tableOffset() > References.MAX_OFFSET) {
        exam.tally().corruptions++;
        throw new CheckStopped(CheckStopped.IO);
      }
      requireValid(exam, table);
      count(exam, table);
    }
  }

  private interface Visitor {
    void entry(long entry) throws CheckStopped;
  }

  private static void requireValid(Examination exam, BitmapEntry table)
      throws ImageFault, CheckStopped {
    each(
        exam,
        table,
        entry -> {
          long offset = entry & EntryBits.OFFSET;
          boolean ones = (entry & EntryBits.BITMAP_ALL_ONES) != 0;
          if ((entry & EntryBits.BITMAP_RESERVED) != 0
              || (offset != 0 && ones)
              || !exam.layout().geometry().aligned(offset)) {
            exam.tally().corruptions++;
            throw new CheckStopped(CheckStopped.INVALID);
          }
        });
  }

  private static void count(Examination exam, BitmapEntry table) throws ImageFault, CheckStopped {
    each(
        exam,
        table,
        entry -> {
          if ((entry & EntryBits.OFFSET) != 0) {
            exam.counted().add(entry & EntryBits.OFFSET, exam.layout().geometry().clusterSize());
          }
        });
  }

  private static void each(Examination exam, BitmapEntry table, Visitor visitor)
      throws ImageFault, CheckStopped {
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK_ENTRIES * TableEntry.BYTES);
    for (long at = 0; at < table.tableEntries(); at += CHUNK_ENTRIES) {
      long position = table.tableOffset() + at * TableEntry.BYTES;
      int count = (int) Math.min(CHUNK_ENTRIES, table.tableEntries() - at);
      if (exam.hole(position, (long) count * TableEntry.BYTES)) {
        continue;
      }
      exam.file().read(chunk.clear().limit(count * TableEntry.BYTES), position);
      for (int i = 0; i < count; i++) {
        long entry = chunk.getLong(i * TableEntry.BYTES);
        if (entry != 0) {
          visitor.entry(entry);
        }
      }
    }
  }
}
