package dev.monoceros.machine.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.monoceros.virtio.blk.BlkFeatures;
import dev.monoceros.virtio.blk.BlkOptions;
import dev.monoceros.virtio.blk.BlkTopology;
import dev.monoceros.virtio.blk.CacheMode;
import dev.monoceros.virtio.blk.IoLimits;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class BlkSettingsTest {
  static Stream<String> features() {
    return BlkFeatures.byName().keySet().stream();
  }

  @Test
  void noSettingsAreTheDevicesDefaults() {
    assertThat(BlkSettings.options(Map.of())).isEqualTo(BlkOptions.DEFAULT);
  }

  @ParameterizedTest
  @MethodSource("features")
  void everyFeatureCanBeShownAndHidden(String name) {
    long mask = BlkFeatures.byName().get(name);

    BlkOptions on = BlkSettings.options(Map.of(name, "on"));
    BlkOptions off = BlkSettings.options(Map.of(name, "off"));

    assertThat(on).isEqualTo(BlkOptions.DEFAULT.withShownFeatures(mask));
    assertThat(off).isEqualTo(BlkOptions.DEFAULT.withHiddenFeatures(mask));
  }

  @Test
  void severalFeaturesGoTogether() {
    BlkOptions options =
        BlkSettings.options(Map.of("discard", "off", "write-zeroes", "off", "packed", "on"));

    assertThat(options.hiddenFeatures()).isEqualTo(BlkFeatures.DISCARD | BlkFeatures.WRITE_ZEROES);
    assertThat(options.shownFeatures()).isEqualTo(1L << 34);
  }

  @Test
  void everyValueReachesItsComponent() {
    assertThat(
            BlkSettings.options(
                Map.of(
                    "num-queues", "3",
                    "queue-size", "64",
                    "logical_block_size", "1024",
                    "physical_block_size", "4096",
                    "min_io_size", "8192",
                    "opt_io_size", "65536",
                    "size-max", "5000",
                    "cache", "unsafe")))
        .isEqualTo(
            BlkOptions.DEFAULT
                .withBlockSize(1024)
                .withQueues(3)
                .withQueueSize(64)
                .withTopology(new BlkTopology(4096, 8192, 65536))
                .withSizeMax(5000)
                .withCache(CacheMode.UNSAFE));
  }

  @Test
  void everyLimitReachesItsComponent() {
    assertThat(
            BlkSettings.options(
                    Map.of(
                        "throttling.iops-total", "1",
                        "throttling.iops-read", "2",
                        "throttling.iops-write", "3",
                        "throttling.bps-total", "1001",
                        "throttling.bps-read", "1002",
                        "throttling.bps-write", "1003"))
                .limits())
        .isEqualTo(new IoLimits(1, 2, 3, 1001, 1002, 1003));
  }

  /** As in QEMU, whose blkconf_blocksizes takes the logical size unless told. */
  @Test
  void aPhysicalBlockIsALogicalOneUnlessTold() {
    assertThat(BlkSettings.options(Map.of("logical_block_size", "4096")).topology())
        .isEqualTo(new BlkTopology(4096, 0, 0));
  }

  @ParameterizedTest
  @CsvSource({
    "event_idx,event_idx",
    "event-idx,event_idx",
    "write_zeroes,write-zeroes",
    "block-size,logical_block_size",
    "logical-block-size,logical_block_size",
    "throttling.iops_total,throttling.iops-total"
  })
  void aHyphenAndAnUnderscoreMeanTheSame(String spelling, String name) {
    assertThat(BlkSettings.named(spelling)).contains(name);
  }

  @Test
  void aNameThatIsNoneIsRefused() {
    assertThat(BlkSettings.named("colour")).isEmpty();
    assertThatThrownBy(() -> BlkSettings.options(Map.of("colour", "red")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a disk has no setting 'colour'");
  }

  /** {@code qemu-system-x86_64 -device virtio-blk-pci,help} of release 7.2. */
  @Test
  void namesAreThoseOfQemu() {
    assertThat(BlkSettings.all().keySet())
        .containsAll(
            Set.of(
                "config-wce",
                "discard",
                "event_idx",
                "indirect_desc",
                "logical_block_size",
                "min_io_size",
                "num-queues",
                "opt_io_size",
                "packed",
                "physical_block_size",
                "queue-size",
                "queue_reset",
                "write-zeroes"));
  }
}
