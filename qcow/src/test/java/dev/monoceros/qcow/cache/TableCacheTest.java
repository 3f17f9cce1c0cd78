package dev.monoceros.qcow.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;
import dev.monoceros.qcow.oracle.MemoryFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The cache against a reference LRU: {@link LinkedHashMap} in access order. */
class TableCacheTest {
  private static final int TABLE = 512;
  private static final int TABLES = 400;

  /** Which tables were read and written, in order. */
  private static final class TracingFile extends MemoryFile {
    final List<Long> reads = new ArrayList<>();
    final List<Long> writes = new ArrayList<>();
    IOException failure;

    TracingFile() {
      super(new byte[TABLES * TABLE]);
      for (int i = 0; i < TABLES; i++) {
        byte[] number = ByteBuffer.allocate(Long.BYTES).putLong(0, i).array();
        apply((long) i * TABLE, number);
      }
    }

    @Override
    protected void before(String access, long position, int length) throws IOException {
      if (failure != null) {
        throw failure;
      }
      if (access.equals("read")) {
        reads.add(position);
      } else if (access.equals("write")) {
        writes.add(position);
      }
    }
  }

  private static final class ReferenceLru extends LinkedHashMap<Long, Boolean> {
    private static final long serialVersionUID = 1L;
    private final int capacity;

    ReferenceLru(int capacity) {
      super(16, 0.75f, true);
      this.capacity = capacity;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<Long, Boolean> eldest) {
      return size() > capacity;
    }
  }

  private final TracingFile file = new TracingFile();

  private TableCache cache(int capacity, Prerequisite before) throws ImageFault {
    return new TableCache(new OrderedFile(file), TABLE, TABLE, capacity, before);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 32, 128})
  @DisplayName("LRU keyed by table offset; the least recently used goes")
  void lruKeyedByTableOffsetAndTheLeastRecentlyUsedGoes(int capacity) throws Exception {
    TableCache cache = cache(capacity, Prerequisite.NONE);
    ReferenceLru reference = new ReferenceLru(capacity);
    List<Long> expectedReads = new ArrayList<>();
    SplittableRandom random = new SplittableRandom(capacity);
    for (int i = 0; i < 20_000; i++) {
      // Skewed, so that there is a working set to keep.
      long offset = (long) random.nextInt(1 + random.nextInt(TABLES)) * TABLE;
      if (reference.put(offset, true) == null) {
        expectedReads.add(offset);
      }
      CachedTable table = cache.get(offset);
      assertThat(table.offset()).isEqualTo(offset);
      assertThat(table.entry(0)).isEqualTo(offset / TABLE);
    }
    assertThat(file.reads).isEqualTo(expectedReads);
    CacheCounters counters = cache.counters();
    assertThat(counters.misses()).isEqualTo(expectedReads.size());
    assertThat(counters.hits()).isEqualTo(20_000 - expectedReads.size());
    assertThat(counters.evictions()).isEqualTo(expectedReads.size() - capacity);
    assertThat(counters.cached()).isEqualTo(capacity);
  }

  @Test
  void anEvictedTableComesBackAsItWasChanged() throws Exception {
    TableCache cache = cache(1, Prerequisite.NONE);
    cache.get(0).setEntry(5, 77);
    cache.get(TABLE);
    assertThat(cache.get(0).entry(5)).isEqualTo(77);
    assertThat(file.writes).containsExactly(0L);
    assertThat(cache.counters().writeBacks()).isEqualTo(1);
  }

  @Test
  void aPinnedTableStaysThoughItIsTheLeastRecentlyUsed() throws Exception {
    TableCache cache = cache(2, Prerequisite.NONE);
    CachedTable pinned = cache.get(0);
    cache.pin(pinned);
    cache.get(TABLE);
    cache.get(2 * TABLE);
    assertThat(pinned.offset()).isZero();
    assertThat(cache.get(0)).isSameAs(pinned);
    assertThat(file.reads).containsExactly(0L, 512L, 1024L);
    assertThat(cache.counters().pinnedHighWater()).isEqualTo(1);
  }

  @Test
  void allTablesPinnedIsTheCallersMistake() throws Exception {
    TableCache cache = cache(1, Prerequisite.NONE);
    cache.pin(cache.get(0));
    assertThatThrownBy(() -> cache.get(TABLE))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("pinned");
  }

  @Test
  void thePrerequisiteIsSettledBeforeAnyDirtyTableIsWrittenAndOnceForAllOfThem() throws Exception {
    List<Integer> writesWhenSettled = new ArrayList<>();
    TableCache cache = cache(3, () -> writesWhenSettled.add(file.writes.size()));
    for (int i = 0; i < 3; i++) {
      cache.get((long) i * TABLE).setEntry(1, 9);
    }
    cache.get(3 * TABLE);
    cache.get(4 * TABLE);
    assertThat(writesWhenSettled).containsExactly(0);
    assertThat(file.writes).containsExactly(1024L, 512L, 0L);
    assertThat(cache.dirty()).isFalse();
  }

  @Test
  void aFailedPrerequisiteKeepsTheDirtyTableAndARetryWritesIt() throws Exception {
    boolean[] fail = {true};
    TableCache cache =
        cache(
            1,
            () -> {
              if (fail[0]) {
                throw ImageFault.corrupt(0, "no");
              }
            });
    cache.get(0).setEntry(1, 42);
    assertThatThrownBy(() -> cache.get(TABLE)).isInstanceOf(ImageFault.class);
    assertThat(file.writes).isEmpty();
    assertThat(cache.get(0).entry(1)).isEqualTo(42);
    fail[0] = false;
    cache.get(TABLE);
    assertThat(cache.get(0).entry(1)).isEqualTo(42);
  }

  @Test
  void aFailedReadLeavesNoTableBehind() throws Exception {
    TableCache cache = cache(1, Prerequisite.NONE);
    file.failure = new IOException("Input/output error");
    assertThatThrownBy(() -> cache.get(TABLE)).isInstanceOf(ImageFault.class);
    file.failure = null;
    assertThat(cache.get(TABLE).entry(0)).isEqualTo(1);
    assertThat(cache.counters().misses()).isEqualTo(2);
  }

  @Test
  void onlyTheChangedSectorsAreWritten() throws Exception {
    TableCache wide = new TableCache(new OrderedFile(file), 4096, 4096, 2, Prerequisite.NONE);
    CachedTable table = wide.get(8192);
    table.setEntry(130, 1);
    table.setEntry(200, 2);
    int before = file.bytes().length;
    wide.writeBack();
    assertThat(file.writes).containsExactly(8192L + 1024);
    assertThat(file.bytes()).hasSize(before);
    assertThat(ByteBuffer.wrap(file.bytes()).getLong(8192 + 200 * 8)).isEqualTo(2);
  }

  @Test
  void droppedTablesAreNeitherWrittenNorFound() throws Exception {
    TableCache cache = cache(4, Prerequisite.NONE);
    cache.get(0).setEntry(1, 1);
    cache.get(TABLE).setEntry(1, 1);
    cache.get(2 * TABLE).setEntry(1, 1);
    cache.drop(0, 2 * TABLE);
    cache.writeBack();
    assertThat(file.writes).containsExactly(2L * TABLE);
    assertThat(cache.get(0).entry(1)).isZero();
  }

  @Test
  void aTableBeyondTheEndOfTheFileIsCorruption() throws Exception {
    TableCache cache = cache(1, Prerequisite.NONE);
    assertThatThrownBy(() -> cache.get((long) TABLES * TABLE))
        .isInstanceOf(ImageFault.class)
        .hasMessageContaining("beyond the end of the file");
  }

  /** Changes, evictions, write-backs and drops in any order: what was stored is what is read. */
  @Property(tries = 200)
  void theCacheIsTransparent(@ForAll @IntRange(min = 1, max = 9) int capacity, @ForAll long seed)
      throws Exception {
    OrderedFile fresh = new OrderedFile(new TracingFile());
    TableCache cache = new TableCache(fresh, TABLE, TABLE, capacity, Prerequisite.NONE);
    long[] expected = new long[TABLES];
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 300; i++) {
      int number = random.nextInt(14);
      CachedTable table = cache.get((long) number * TABLE);
      assertThat(table.entry(3)).isEqualTo(expected[number]);
      switch (random.nextInt(4)) {
        case 0 -> cache.writeBack();
        case 1 -> {
          cache.writeBack();
          cache.drop((long) number * TABLE, TABLE);
        }
        default -> {
          expected[number] = i + 1L;
          table.setEntry(3, i + 1L);
        }
      }
    }
  }
}
