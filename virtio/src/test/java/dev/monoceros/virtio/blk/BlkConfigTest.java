package dev.monoceros.virtio.blk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.FakeDriver;
import dev.monoceros.virtio.testing.MemoryBackend;
import dev.monoceros.virtio.testing.Must;
import org.junit.jupiter.api.Test;

/** The device configuration space (2.5, 5.2.4) and the device's options. */
class BlkConfigTest {
  private static final int CAPACITY = 0;
  private static final int SEG_MAX = 12;
  private static final int BLK_SIZE = 20;
  private static final int LENGTH = 72;
  private static final long ALL_OF_BLOCK = 0xFF_FFFF;

  @Must(12)
  @Test
  void m12_everyOfferedFieldIsReadableBeforeFeaturesOk() {
    BlkRig rig = new BlkRig(BlkOptions.DEFAULT.withBlockSize(4096).withQueueSize(64));
    rig.driver.reset();
    assertThat(rig.driver.readConfig(CAPACITY, 4)).isEqualTo(BlkRig.SECTORS);
    assertThat(rig.driver.readConfig(CAPACITY + 4, 4)).isZero();
    assertThat(rig.driver.readConfig(SEG_MAX, 4)).isEqualTo(62);
    assertThat(rig.driver.readConfig(BLK_SIZE, 4)).isEqualTo(4096);
    BlkRig largest = new BlkRig(BlkOptions.DEFAULT.withBlockSize(65536).withQueueSize(1024));
    assertThat(largest.driver.readConfig(SEG_MAX, 4)).isEqualTo(1022);
    assertThat(largest.driver.readConfig(BLK_SIZE, 4)).isEqualTo(65536);
  }

  @Must(12)
  @Test
  void m12_fieldsOfFeaturesThatAreNotOfferedAreZero() {
    BlkRig rig = new BlkRig(BlkOptions.DEFAULT.withHiddenFeatures(ALL_OF_BLOCK).withQueues(4));
    for (int at = 8; at < LENGTH; at++) {
      assertThat(rig.driver.readConfig(at, 1)).as("byte %d", at).isZero();
    }
  }

  @Must(14)
  @Test
  void m14_theCapacityReadsTheSameInHalvesBytesAndAsAWhole() {
    BlkRig rig = new BlkRig();
    rig.backend.resize(0x1234);
    rig.block.capacityChanged();
    long whole = rig.driver.readConfig(CAPACITY, 8);
    assertThat(whole).isEqualTo(0x1234);
    long halves = rig.driver.readConfig(0, 4) | rig.driver.readConfig(4, 4) << 32;
    assertThat(halves).isEqualTo(whole);
    assertThat(rig.driver.readConfig(0, 1)).isEqualTo(0x34);
    assertThat(rig.driver.readConfig(1, 2)).isEqualTo(0x12);
  }

  @Must(14)
  @Test
  void m14_aCapacityBeyond32BitsIsReadInHalvesAndAsAWhole() {
    long sectors = 0x12_3456_789A_BCDEL;
    BlkRig rig =
        new BlkRig(
            new MemoryBackend(BlkRig.SECTORS) {
              @Override
              public long capacitySectors() {
                return sectors;
              }
            });
    assertThat(rig.driver.readConfig(CAPACITY, 8)).isEqualTo(sectors);
    assertThat(rig.driver.readConfig(CAPACITY, 4)).isEqualTo(sectors & 0xFFFF_FFFFL);
    assertThat(rig.driver.readConfig(CAPACITY + 4, 4)).isEqualTo(sectors >>> 32);
  }

  @Must({13, 53})
  @Test
  void m13_theGenerationChangesWithTheCapacityAndTheDriverIsTold() {
    BlkRig rig = BlkRig.started();
    long generation = rig.driver.readCommon(FakeDriver.CONFIG_GENERATION, 1);
    assertThat(rig.driver.readConfig(CAPACITY, 8)).isEqualTo(BlkRig.SECTORS);
    assertThat(rig.driver.readCommon(FakeDriver.CONFIG_GENERATION, 1)).isEqualTo(generation);
    rig.backend.resize(2 * BlkRig.SECTORS);
    rig.block.capacityChanged();
    assertThat(rig.driver.readCommon(FakeDriver.CONFIG_GENERATION, 1)).isNotEqualTo(generation);
    assertThat(rig.driver.readConfig(CAPACITY, 8)).isEqualTo(2 * BlkRig.SECTORS);
    assertThat(rig.driver.readIsr()).isEqualTo(2);
    assertThat(rig.disk.transfer(BlkDriver.T_IN, 2 * BlkRig.SECTORS - 1, 512, true))
        .isEqualTo(BlkDriver.S_OK);

    rig.backend.resize(1);
    rig.block.capacityChanged();
    assertThat(rig.disk.transfer(BlkDriver.T_IN, 1, 512, true)).isEqualTo(BlkDriver.S_IOERR);
  }

  @Must(13)
  @Test
  void m13_theGenerationChangesAlsoBeforeTheDriverIsReady() {
    BlkRig rig = new BlkRig();
    rig.driver.negotiate(rig.driver.offered());
    long generation = rig.driver.readCommon(FakeDriver.CONFIG_GENERATION, 1);
    for (int changes = 1; changes < 256; changes++) {
      rig.block.capacityChanged();
      assertThat(rig.driver.readCommon(FakeDriver.CONFIG_GENERATION, 1))
          .as("after %d changes", changes)
          .isNotEqualTo(generation);
    }
  }

  @Test
  void nothingInTheConfigurationSpaceCanBeWrittenAndBeyondItIsZero() {
    BlkRig rig = new BlkRig();
    byte[] before = image(rig);
    for (int at = 0; at < LENGTH; at += 4) {
      rig.driver.writeConfig(at, 4, 0xFFFF_FFFFL);
    }
    assertThat(image(rig)).isEqualTo(before);
    assertThat(rig.driver.readConfig(LENGTH, 8)).isZero();
    assertThat(rig.driver.readConfig(LENGTH - 4, 8)).isZero();
    assertThat(rig.driver.readConfig(4000, 4)).isZero();
  }

  private static byte[] image(BlkRig rig) {
    byte[] image = new byte[LENGTH];
    for (int i = 0; i < LENGTH; i++) {
      image[i] = (byte) rig.driver.readConfig(i, 1);
    }
    return image;
  }

  @Test
  void optionsOutOfRangeAreRefusedInOneSentence() {
    BlkOptions options = BlkOptions.DEFAULT;
    assertThatThrownBy(() -> options.withSerial("123456789012345678901"))
        .hasMessage("a disk's serial has at most 20 printable ASCII characters");
    assertThatThrownBy(() -> options.withSerial("t\u00e9")).hasMessageContaining("ASCII");
    assertThatThrownBy(() -> options.withBlockSize(1000)).hasMessageContaining("power of two");
    assertThatThrownBy(() -> options.withBlockSize(256)).hasMessageContaining("power of two");
    assertThatThrownBy(() -> options.withQueueSize(2048)).hasMessageContaining("power of two");
    assertThatThrownBy(() -> options.withHiddenFeatures(BlkRig.VERSION_1))
        .hasMessage("VERSION_1 is always offered");
  }
}
