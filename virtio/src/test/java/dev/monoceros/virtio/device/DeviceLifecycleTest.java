package dev.monoceros.virtio.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.monoceros.virtio.testing.ByteGuestMemory;
import dev.monoceros.virtio.testing.Must;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The lifecycle without a transport, around a device of two queues that only writes a diary. */
class DeviceLifecycleTest {
  private static final int READY =
      DeviceStatus.ACKNOWLEDGE | DeviceStatus.DRIVER | DeviceStatus.FEATURES_OK;

  private final List<String> diary = new ArrayList<>();
  private final Diarist device = new Diarist(Features.VERSION_1 | Features.EVENT_IDX | 1);
  private final DeviceLifecycle lifecycle =
      new DeviceLifecycle(device, new ByteGuestMemory(1 << 16), new Transport());

  private void negotiate(long features) {
    lifecycle.writeStatus(0);
    lifecycle.writeDriverFeatures(0, features);
    lifecycle.writeDriverFeatures(1, features >>> 32);
    lifecycle.writeStatus(READY);
    diary.clear();
  }

  private void setUp(int index, long address) {
    QueueRegisters queue = lifecycle.queue(index);
    lifecycle.setQueueSize(index, 4);
    queue.setDescriptorTable(address, false);
    queue.setDriverArea(address + 256, false);
    queue.setDeviceArea(address + 512, false);
    lifecycle.enableQueue(index);
  }

  @Must(2)
  @Test
  void m02_onlyEnabledQueuesOfALiveDeviceAreNotified() {
    negotiate(Features.VERSION_1);
    setUp(1, 4096);
    lifecycle.notifyQueue(1);
    assertThat(diary).isEmpty();
    lifecycle.writeStatus(READY | DeviceStatus.DRIVER_OK);
    for (long queue : new long[] {0, 1, 2, -1, Long.MAX_VALUE}) {
      lifecycle.notifyQueue(queue);
    }
    assertThat(diary).containsExactly("activate", "notified 1");
    assertThat(lifecycle.ignoredNotifications()).isEqualTo(5);
    assertThat(device.context.queue(0)).isNull();
    assertThat(device.context.queue(1).size()).isEqualTo(4);
  }

  @Test
  void aQueueEnabledAfterDriverOkIsOpenedThen() {
    negotiate(Features.VERSION_1);
    lifecycle.writeStatus(READY | DeviceStatus.DRIVER_OK);
    setUp(0, 4096);
    lifecycle.notifyQueue(0);
    assertThat(diary).containsExactly("activate", "notified 0");
  }

  @Must(4)
  @Test
  void m04_aQueueThatCannotBeUsedStopsTheOthersTooUntilTheReset() {
    negotiate(Features.VERSION_1);
    setUp(0, 1 << 16);
    setUp(1, 4096);
    lifecycle.writeStatus(READY | DeviceStatus.DRIVER_OK);
    assertThat(lifecycle.status() & DeviceStatus.DEVICE_NEEDS_RESET).isNotZero();
    assertThat(lifecycle.resetReason()).contains("queue 0: its rings are not in RAM");
    lifecycle.notifyQueue(1);
    device.context.needsReset("a second reason");
    assertThat(diary).containsExactly("activate", "config change");
    assertThat(lifecycle.resetReason().orElseThrow()).startsWith("queue 0");

    lifecycle.writeStatus(0);
    assertThat(lifecycle.resetReason()).isEmpty();
    assertThat(lifecycle.status()).isZero();
  }

  @Must({6, 8})
  @Test
  void m06_aDeviceMayRefuseASetAndTheDriverMayThenTryAnother() {
    device.refused = Features.EVENT_IDX | Features.VERSION_1;
    negotiate(device.refused);
    assertThat(lifecycle.status() & DeviceStatus.FEATURES_OK).isZero();
    lifecycle.writeDriverFeatures(0, 1);
    lifecycle.writeStatus(READY);
    assertThat(lifecycle.status()).isEqualTo(READY);
    assertThat(device.context.features()).isEqualTo(Features.VERSION_1 | 1);
  }

  @Must(1)
  @Test
  void m01_aResetReachesDeviceAndTransportOnceEach() {
    negotiate(Features.VERSION_1);
    lifecycle.writeStatus(0);
    assertThat(diary).containsExactly("reset", "transport reset");
  }

  @Must(9)
  @Test
  void m09_aDeviceWithoutVersion1CannotBeBuilt() {
    assertThatThrownBy(
            () -> new DeviceLifecycle(new Diarist(1), new ByteGuestMemory(16), new Transport()))
        .hasMessageContaining("VERSION_1");
  }

  /** Writes down what it is told. */
  private final class Diarist implements VirtioDevice {
    private final long offered;
    private long refused = -1;
    private DeviceContext context;

    Diarist(long offered) {
      this.offered = offered;
    }

    @Override
    public int deviceId() {
      return 42;
    }

    @Override
    public long offeredFeatures() {
      return offered;
    }

    @Override
    public boolean accepts(long features) {
      return features != refused;
    }

    @Override
    public int queueCount() {
      return 2;
    }

    @Override
    public int maxQueueSize(int index) {
      return 8;
    }

    @Override
    public int maxChainLength() {
      return 8;
    }

    @Override
    public int configLength() {
      return 0;
    }

    @Override
    public long readConfig(long offset, int size) {
      return 0;
    }

    @Override
    public void attach(DeviceContext newContext) {
      context = newContext;
    }

    @Override
    public void activate() {
      diary.add("activate");
    }

    @Override
    public void queueNotified(int index) {
      diary.add("notified " + index);
    }

    @Override
    public void queueReset(int index) {
      diary.add("queue reset " + index);
    }

    @Override
    public void reset() {
      diary.add("reset");
    }
  }

  /** Writes down what it is to send. */
  private final class Transport implements DeviceEvents {
    @Override
    public void usedBuffer(int index) {
      diary.add("used " + index);
    }

    @Override
    public void configChange() {
      diary.add("config change");
    }

    @Override
    public void wasReset() {
      diary.add("transport reset");
    }
  }
}
