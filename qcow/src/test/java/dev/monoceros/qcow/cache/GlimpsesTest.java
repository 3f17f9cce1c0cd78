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

/** Of tables that a full cache turns away only a few entries are read. */
class GlimpsesTest {
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

    void change(long position, byte[] bytes) {
      apply(position, bytes);
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

  /** A cache of one table, which table 0 has. */
  private TableCache fullCache() throws ImageFault {
    TableCache cache = cache(1);
    cache.get(0);
    file.reads.clear();
    return cache;
  }

  @Test
  void aCacheWithRoomTakesEveryTableInWhole() throws Exception {
    TableCache cache = cache(2);
    assertThat(cache.getForReading(TABLE, 1032).entries()).isEqualTo(ENTRIES);
    assertThat(cache.getForReading(0, 2048).entries()).isEqualTo(ENTRIES);
    assertThat(file.reads).containsExactly(new Read(TABLE, TABLE), new Read(0, TABLE));
  }

  @Test
  void ofATableThatAFullCacheTurnsAwayAFewEntriesAreRead() throws Exception {
    TableCache cache = fullCache();
    CachedTable part = cache.getForReading(TABLE, 1032);
    assertThat(part.word(1032)).isEqualTo(ENTRIES + 129);
    assertThat(part.entries()).as("entries in memory").isEqualTo((1024 + 64) / 8);
    assertThat(cache.getForReading(TABLE, 1080).word(1080)).isEqualTo(ENTRIES + 135);
    assertThat(file.reads).containsExactly(new Read(TABLE + 1024, 64));
    assertThat(cache.get(0).entry(1)).as("still in memory").isEqualTo(1);
    assertThat(cache.counters().hits()).isEqualTo(2);
    assertThat(cache.counters().misses()).as("lookups that read the file").isEqualTo(2);
    assertThat(cache.counters().evictions()).isZero();
  }

  @Test
  void aTableThatIsSoonMetAgainBesideThemComesIn() throws Exception {
    TableCache cache = fullCache();
    cache.getForReading(TABLE, 1032);
    assertThat(cache.getForReading(TABLE, 1088).entries()).isEqualTo(ENTRIES);
    assertThat(file.reads).endsWith(new Read(TABLE, TABLE));
    assertThat(cache.counters().evictions()).isEqualTo(1);
  }

  @Test
  void aTableThatRequestsRunThroughFromItsStartComesIn() throws Exception {
    assertThat(fullCache().getForReading(TABLE, 0).entries()).isEqualTo(ENTRIES);
    assertThat(file.reads).containsExactly(new Read(TABLE, TABLE));
  }

  @Test
  void ofTheTablesTurnedAwayOneInThirtyTwoComesIn() throws Exception {
    TableCache cache = fullCache();
    for (int i = 0; i < 96; i++) {
      // Never the table that is in, and a drop, so that none is met again.
      long table = (1 + i % 3 + 4L * (i / 32 % 2)) * TABLE;
      cache.getForReading(table, 1024);
      cache.drop(table, TABLE);
      cache.get(0);
    }
    assertThat(file.reads.stream().filter(read -> read.length() == 64)).hasSize(93);
    assertThat(file.reads.stream().filter(read -> read.position() > 0 && read.length() == TABLE))
        .hasSize(3);
  }

  @Test
  void whoWritesGetsAllOfIt() throws Exception {
    TableCache cache = fullCache();
    cache.getForReading(TABLE, 2048);
    CachedTable table = cache.get(TABLE);
    table.setEntry(0, -1);
    table.setEntry(ENTRIES - 1, -1);
    cache.writeBack();
    ByteBuffer written = ByteBuffer.wrap(file.bytes());
    assertThat(written.getLong(TABLE)).isEqualTo(-1);
    assertThat(written.getLong(TABLE + 2040)).as("between the two").isEqualTo(ENTRIES + 255);
  }

  @Test
  void whatWasSeenBeforeATableChangedIsForgotten() throws Exception {
    TableCache cache = fullCache();
    cache.getForReading(TABLE, 2048);
    cache.get(TABLE).setEntry(256, -1);
    cache.get(0);
    assertThat(cache.getForReading(TABLE, 2048).word(2048)).isEqualTo(-1);
  }

  @Test
  void whatWasSeenOfADroppedTableIsForgotten() throws Exception {
    TableCache cache = fullCache();
    cache.getForReading(TABLE, 2048);
    file.change(TABLE + 2048, ByteBuffer.allocate(Long.BYTES).putLong(0, -1).array());
    cache.drop(TABLE, TABLE);
    assertThat(cache.getForReading(TABLE, 2048).word(2048)).isEqualTo(-1);
  }

  @Test
  void afterAFailedReadItIsReadAgain() throws Exception {
    TableCache cache = fullCache();
    file.failure = new IOException("no");
    assertThatThrownBy(() -> cache.getForReading(TABLE, 512)).isInstanceOf(ImageFault.class);
    file.failure = null;
    assertThat(cache.getForReading(TABLE, 512).word(512)).isEqualTo(ENTRIES + 64);
    file.failure = new IOException("no");
    assertThatThrownBy(() -> cache.get(TABLE)).isInstanceOf(ImageFault.class);
    file.failure = null;
    assertThat(cache.get(TABLE).entry(511)).isEqualTo(ENTRIES + 511);
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
          assertThat(found.word(e * Long.BYTES)).isEqualTo(expected[table * ENTRIES + e]);
        }
      }
    }
  }
}
