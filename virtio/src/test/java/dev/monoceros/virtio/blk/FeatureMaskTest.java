package dev.monoceros.virtio.blk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.Bus;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.FakeDriver;
import dev.monoceros.virtio.testing.MemoryBackend;
import dev.monoceros.virtio.testing.Must;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is offered, what never is, and that every feature can be masked off. */
@ParameterizedClass
@EnumSource(Bus.class)
class FeatureMaskTest {
  private static final long ON_REQUEST =
      BlkRig.RING_PACKED | BlkRig.IN_ORDER | BlkRig.NOTIFICATION_DATA | BlkRig.SECURE_ERASE;
  private static final long BY_DEFAULT =
      BlkRig.VERSION_1
          | BlkRig.INDIRECT
          | BlkRig.EVENT_IDX
          | BlkRig.RING_RESET
          | BlkRig.SEG_MAX
          | BlkRig.BLK_SIZE
          | BlkRig.TOPOLOGY
          | BlkRig.FLUSH
          | BlkRig.CONFIG_WCE
          | BlkRig.DISCARD
          | BlkRig.WRITE_ZEROES;

  /** All that can be offered at once. */
  private static final BlkOptions EVERYTHING =
      BlkOptions.DEFAULT.withQueues(4).withSizeMax(65_536).withShownFeatures(-1);

  private final Bus bus;

  FeatureMaskTest(Bus bus) {
    this.bus = bus;
  }

  private BlkRig rig(BlkOptions options, boolean readOnly) {
    MemoryBackend backend = new MemoryBackend(BlkRig.SECTORS, readOnly);
    return new BlkRig(bus, backend, options, LatencyModel.DEFAULT, 0);
  }

  @Must({9, 11, 59})
  @Test
  void exactlyWhatTheDeviceHonoursIsOfferedWhateverIsAskedFor() {
    assertThat(rig(BlkOptions.DEFAULT, false).driver.offered()).isEqualTo(BY_DEFAULT);
    assertThat(rig(EVERYTHING, false).driver.offered())
        .as("no SR_IOV (11), no LIFETIME (59), no ZONED, nothing unknown")
        .isEqualTo(BY_DEFAULT | BlkRig.MQ | BlkRig.SIZE_MAX | ON_REQUEST);
    assertThat(rig(EVERYTHING, true).driver.offered())
        .isEqualTo(
            (BY_DEFAULT | BlkRig.MQ | BlkRig.SIZE_MAX | ON_REQUEST | BlkRig.RO)
                & ~(BlkRig.DISCARD | BlkRig.WRITE_ZEROES | BlkRig.SECURE_ERASE));
  }

  @Must({11, 59})
  @Test
  void m11_srIovAndLifetimeAreNotOffered() {
    long never = 1L << 37 | 1L << 15 | 1L << 17;
    for (boolean readOnly : new boolean[] {false, true}) {
      BlkRig rig = rig(EVERYTHING, readOnly);
      assertThat(rig.driver.offered() & never).isZero();
      for (long bit = 1; bit != 0; bit <<= 1) {
        if ((never & bit) != 0) {
          assertThat(rig.driver.negotiate(BlkRig.VERSION_1 | bit)).isFalse();
        }
      }
    }
  }

  @Must({60, Must.UNKNOWN_TYPE})
  @ParameterizedTest
  @ValueSource(longs = {15, 16, 18, 20, 22, 24, 26})
  void m60_zonedRequestsAreAnsweredUnsuppWithEverythingElseNegotiated(long type) {
    BlkRig rig = rig(EVERYTHING, false);
    rig.start(rig.driver.offered(), 16);
    byte[] disk = rig.backend.bytes().clone();
    assertThat(rig.disk.transfer(type, 0, 512, false)).isEqualTo(BlkDriver.S_UNSUPP);
    assertThat(rig.disk.transfer(type, 0, 512, true)).isEqualTo(BlkDriver.S_UNSUPP);
    assertThat(rig.disk.transfer(type, 0, 0, true)).isEqualTo(BlkDriver.S_UNSUPP);
    assertThat(rig.backend.bytes()).isEqualTo(disk);
  }

  @Must(59)
  @Test
  void m59_aQuestionForTheLifetimeIsAnsweredUnsupp() {
    BlkRig rig = rig(EVERYTHING, false);
    rig.start(rig.driver.offered(), 16);
    assertThat(rig.disk.transfer(10, 0, 8, true)).isEqualTo(BlkDriver.S_UNSUPP);
  }

  @Must({6, 7})
  @Test
  void everyFeatureCanBeHiddenAndIsThenNeitherOfferedNorTaken() {
    long all = rig(EVERYTHING, false).driver.offered() | BlkRig.RO;
    long named = BlkRig.VERSION_1 | BlkRig.SIZE_MAX;
    for (Map.Entry<String, Long> feature : BlkFeatures.byName().entrySet()) {
      long bit = feature.getValue();
      named |= bit;
      boolean readOnly = bit == BlkRig.RO;
      long offered = rig(EVERYTHING, readOnly).driver.offered();
      assertThat(offered & bit).as(feature.getKey()).isEqualTo(bit);
      BlkRig rig = rig(EVERYTHING.withHiddenFeatures(bit), readOnly);
      long expected = bit == BlkRig.FLUSH ? bit | BlkRig.CONFIG_WCE : bit;
      assertThat(rig.driver.offered()).as(feature.getKey()).isEqualTo(offered & ~expected);
      assertThat(rig.driver.negotiate(BlkRig.VERSION_1 | bit)).as(feature.getKey()).isFalse();
      rig.start(rig.driver.offered(), 16);
      assertThat(rig.disk.read(0, 1)).hasSize(512);
    }
    assertThat(named).as("every feature has a name").isEqualTo(all);
  }

  @Must({7, 12})
  @Test
  void aHiddenFeaturesFieldsAreZeroAndItsQueuesAreNotThere() {
    int[][] fields = {{12, 4}, {20, 4}, {24, 8}, {32, 1}, {34, 2}, {36, 12}, {48, 9}, {60, 12}};
    String[] names = {
      "seg-max",
      "blk-size",
      "topology",
      "config-wce",
      "mq",
      "discard",
      "write-zeroes",
      "secure-erase"
    };
    BlkOptions options = EVERYTHING.withTopology(new BlkTopology(4096, 8192, 65_536));
    for (int i = 0; i < names.length; i++) {
      BlkRig shown = rig(options, false);
      long bit = BlkFeatures.byName().get(names[i]);
      BlkRig hidden = rig(options.withHiddenFeatures(bit), false);
      long sum = 0;
      for (int at = 0; at < 72; at++) {
        boolean inside = at >= fields[i][0] && at < fields[i][0] + fields[i][1];
        long before = shown.driver.readConfig(at, 1);
        sum += inside ? before : 0;
        assertThat(hidden.driver.readConfig(at, 1))
            .as("%s, byte %d", names[i], at)
            .isEqualTo(inside ? 0 : before);
      }
      assertThat(sum).as(names[i]).isNotZero();
    }
    BlkRig one = rig(options.withHiddenFeatures(BlkRig.MQ), false);
    assertThat(one.driver.readCommon(FakeDriver.NUM_QUEUES, 2)).isEqualTo(1);
  }

  @Must(12)
  @Test
  void m12_topologyIsToldInLogicalBlocks() {
    BlkTopology topology = new BlkTopology(16_384, 8192, 1 << 20);
    for (int blockSize : new int[] {512, 1024, 4096}) {
      BlkRig rig = rig(BlkOptions.DEFAULT.withBlockSize(blockSize).withTopology(topology), false);
      assertThat(rig.driver.readConfig(20, 4)).isEqualTo(blockSize);
      assertThat(blockSize << rig.driver.readConfig(24, 1)).isEqualTo(16_384);
      assertThat(rig.driver.readConfig(25, 1)).as("alignment_offset").isZero();
      assertThat(rig.driver.readConfig(26, 2) * blockSize).isEqualTo(8192);
      assertThat(rig.driver.readConfig(28, 4) * blockSize).isEqualTo(1 << 20);
    }
    BlkRig plain = rig(BlkOptions.DEFAULT, false);
    assertThat(plain.driver.readConfig(24, 8)).isZero();
  }

  @Test
  void optionsOutOfRangeAreRefusedInOneSentence() {
    BlkOptions options = BlkOptions.DEFAULT;
    for (int queues : new int[] {0, -1, 17}) {
      assertThatThrownBy(() -> options.withQueues(queues)).hasMessage("a disk has 1 to 16 queues");
    }
    for (int size : new int[] {0, -1, 3, 1000, 2048}) {
      assertThatThrownBy(() -> options.withQueueSize(size))
          .hasMessage("a disk's queue size is a power of two from 1 to 1024");
    }
    for (int physical : new int[] {0, 256, 1000, 131_072}) {
      assertThatThrownBy(() -> new BlkTopology(physical, 0, 0))
          .hasMessage("a disk's physical block size is a power of two from 512 to 65536");
    }
    for (int[] hints : new int[][] {{100, 0}, {0, 100}, {-512, 0}, {0, -512}}) {
      BlkTopology topology = new BlkTopology(512, hints[0], hints[1]);
      assertThatThrownBy(() -> options.withTopology(topology))
          .hasMessage("a disk's min-io-size and opt-io-size are multiples of its block size");
    }
    assertThatThrownBy(() -> options.withTopology(new BlkTopology(512, 65_536 * 512, 0)))
        .hasMessage("a disk's min-io-size is at most 65535 blocks");
    for (long rate : new long[] {-1, IoLimits.MOST + 1}) {
      assertThatThrownBy(() -> new IoLimits(rate, 0, 0, 0, 0, 0))
          .hasMessage("an I/O limit is 0, for none, or from 1 to 1000000000000 a second");
    }
    assertThatThrownBy(() -> new IoLimits(0, 0, 0, 511, 0, 0))
        .hasMessage("an I/O limit is 0, for none, or from 512 to 1000000000000 a second");
  }
}
