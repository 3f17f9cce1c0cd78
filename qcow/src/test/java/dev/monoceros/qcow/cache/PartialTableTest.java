package dev.monoceros.qcow.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;
import dev.monoceros.qcow.oracle.MemoryFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** A table that is only read is in memory as far as it was asked for. */
class PartialTableTest {
  private static final int TABLE = 4096;
  private static final int ENTRIES = TABLE / Long.BYTES;
  private static final int TABLES = 16;

  private record Read(long position, int length) {}

  /** Entry i of table t holds t * ENTRIES + i. */
  private static final class NumberedFile extends MemoryFile {
    final List<Read> reads = new ArrayList<>();
    IOException failure;

    NumberedFile() {
      super(new byte[TABLES * TABLE]);
      for (int i = 0; i < TABLES * ENTRIES; i++) {
        apply(i * 8L, ByteBuffer.allocate(Long.BYTES).putLong(0, i).array());
      }
    }

    @Override
    protected void before(String access, long position, int length) throws IOException {
      if (failure != null) {
        throw failure;
      }
      if (access.equals("read")) {
        reads.add(new Read(position, length));
      }
    }
  }

  private final NumberedFile file = new NumberedFile();

  private TableCache cache(int capacity) throws ImageFault {
    return new TableCache(new OrderedFile(file), TABLE, TABLE, capacity, Prerequisite.NONE);
  }

  @Test
  void theFirstVisitReadsASectorAndTheSecondBesideItTheRest() throws Exception {
    TableCache cache = cache(2);
    CachedTable table = cache.getForReading(TABLE, 1032);
    assertThat(table.entry(129)).isEqualTo(ENTRIES + 129);
    assertThat(table.entries()).as("entries in memory").isEqualTo(1536 / 8);
    assertThat(cache.getForReading(TABLE, 1528).entry(191)).isEqualTo(ENTRIES + 191);
    assertThat(file.reads).containsExactly(new Read(TABLE + 1024, 512));
    assertThat(cache.getForReading(TABLE, 1536).entry(192)).isEqualTo(ENTRIES + 192);
    assertThat(table.entries()).isEqualTo(ENTRIES);
    assertThat(cache.getForReading(TABLE, 0).entry(0)).isEqualTo(ENTRIES);
    assertThat(file.reads).hasSize(2).endsWith(new Read(TABLE, TABLE));
    assertThat(cache.counters().hits()).isEqualTo(2);
    assertThat(cache.counters().misses()).as("lookups that read the file").isEqualTo(2);
  }

  @Test
  void whoStartsAtTheBeginningGetsAllOfIt() throws Exception {
    assertThat(cache(1).getForReading(0, 0).entries()).isEqualTo(ENTRIES);
    assertThat(file.reads).containsExactly(new Read(0, TABLE));
  }

  @Test
  void whoWritesGetsAllOfIt() throws Exception {
    TableCache cache = cache(1);
    cache.getForReading(0, 2048);
    CachedTable table = cache.get(0);
    table.setEntry(0, -1);
    table.setEntry(ENTRIES - 1, -1);
    cache.writeBack();
    ByteBuffer written = ByteBuffer.wrap(file.bytes());
    assertThat(written.getLong(0)).isEqualTo(-1);
    assertThat(written.getLong(2040)).as("an entry between the two").isEqualTo(255);
  }

  @Test
  void aFailedCompletionIsRepeated() throws Exception {
    TableCache cache = cache(1);
    cache.getForReading(0, 512);
    file.failure = new IOException("no");
    assertThatThrownBy(() -> cache.get(0)).isInstanceOf(ImageFault.class);
    file.failure = null;
    assertThat(cache.getForReading(0, 512).entry(64)).isEqualTo(64);
    assertThat(cache.get(0).entry(511)).isEqualTo(511);
  }

  @Property(tries = 200)
  void partsAndWholesInAnyOrderHoldWhatWasStored(@ForAll long seed) throws Exception {
    OrderedFile fresh = new OrderedFile(new NumberedFile());
    TableCache cache = new TableCache(fresh, TABLE, TABLE, 3, Prerequisite.NONE);
    long[] expected = new long[TABLES * ENTRIES];
    for (int i = 0; i < expected.length; i++) {
      expected[i] = i;
    }
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 300; i++) {
      int table = random.nextInt(5);
      int entry = random.nextInt(ENTRIES);
      long offset = (long) table * TABLE;
      int number = table * ENTRIES + entry;
      if (random.nextInt(3) == 0) {
        expected[number] = -i;
        cache.get(offset).setEntry(entry, -i);
      } else {
        CachedTable found = cache.getForReading(offset, entry * Long.BYTES);
        for (int e = entry; e < found.entries(); e++) {
          assertThat(found.entry(e)).isEqualTo(expected[table * ENTRIES + e]);
        }
      }
    }
  }
}
