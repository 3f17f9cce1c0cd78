package dev.monoceros.virtio.pci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.rng.VirtioRng;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.ByteGuestMemory;
import dev.monoceros.virtio.testing.DriverBuffer;
import dev.monoceros.virtio.testing.DriverRing;
import dev.monoceros.virtio.testing.FakeDriver;
import dev.monoceros.virtio.testing.ManualClock;
import dev.monoceros.virtio.testing.Must;
import dev.monoceros.virtio.testing.RecordingInterrupt;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The bus master bit of the command register (PCI 3.0, 6.2.2): off means no DMA of any kind. */
class BusMasterTest {
  private static final long SECOND = 1_000_000_000;

  /** When a read of one sector completes by the default latency model. */
  private static final long DUE = 10_128;

  private final BlkRig rig = BlkRig.started();
  private int head;

  @BeforeEach
  void prepareRead() {
    head = rig.ring.chain(rig.disk.request(BlkDriver.T_IN, 1, 512, true));
  }

  private void assertNothingHappensFor(long nanos) {
    byte[] before = rig.memory.snapshot();
    rig.clock.advance(nanos);
    assertThat(rig.memory.snapshot()).isEqualTo(before);
    assertThat(rig.interrupt.isAsserted()).isFalse();
  }

  @Must(32)
  @Test
  void m32_aKickWhileOffIsRememberedAndTakenWhenOn() {
    rig.transport.setBusMaster(false);
    rig.ring.submit(head);
    assertThat(rig.block.requestsInFlight()).isZero();
    assertThat(rig.backend.reads()).isZero();
    assertNothingHappensFor(SECOND);
    rig.transport.setBusMaster(true);
    assertThat(rig.block.requestsInFlight()).isEqualTo(1);
    rig.clock.advance(DUE);
    assertThat(rig.ring.takeUsed()).isEqualTo(head);
    assertThat(rig.disk.status()).isEqualTo(BlkDriver.S_OK);
    assertThat(rig.interrupt.isAsserted()).isTrue();
  }

  @Must(32)
  @Test
  void m32_aCompletionThatFallsDueWhileOffWaits() {
    rig.ring.submit(head);
    rig.clock.advance(DUE - 1);
    rig.transport.setBusMaster(false);
    assertNothingHappensFor(SECOND);
    assertThat(rig.block.requestsInFlight()).isEqualTo(1);
    rig.transport.setBusMaster(true);
    assertThat(rig.ring.hasUsed()).as("not from within the write to the register").isFalse();
    rig.clock.advance(0);
    assertThat(rig.ring.takeUsed()).isEqualTo(head);
    assertThat(rig.disk.status()).isEqualTo(BlkDriver.S_OK);
  }

  @Test
  void aCompletionThatIsNotDueYetComesAtItsTime() {
    rig.ring.submit(head);
    rig.transport.setBusMaster(false);
    rig.clock.advance(DUE / 2);
    rig.transport.setBusMaster(true);
    rig.clock.advance(DUE - DUE / 2 - 1);
    assertThat(rig.ring.hasUsed()).isFalse();
    rig.clock.advance(1);
    assertThat(rig.ring.hasUsed()).isTrue();
  }

  @Must(3)
  @Test
  void m03_aResetForgetsKicksAndCompletions() {
    rig.ring.submit(head);
    rig.transport.setBusMaster(false);
    rig.clock.advance(SECOND);
    rig.driver.kick(0);
    rig.driver.reset();
    rig.driver.negotiate(rig.driver.offered());
    DriverRing fresh = rig.driver.setUpQueue(0, 16);
    rig.driver.addStatus(FakeDriver.S_DRIVER_OK);
    fresh.offer(fresh.chain(rig.disk.request(BlkDriver.T_IN, 1, 512, true)));
    long reads = rig.backend.reads();
    rig.transport.setBusMaster(true);
    assertNothingHappensFor(SECOND);
    assertThat(rig.block.requestsInFlight()).isZero();
    assertThat(rig.backend.reads()).isEqualTo(reads);
  }

  @Must(27)
  @Test
  void m27_aQueueResetForgetsItsKick() {
    rig.transport.setBusMaster(false);
    rig.ring.submit(head);
    rig.driver.resetQueue(0);
    DriverRing fresh = rig.driver.setUpQueue(0, 16);
    fresh.offer(fresh.chain(rig.disk.request(BlkDriver.T_IN, 1, 512, true)));
    rig.transport.setBusMaster(true);
    assertNothingHappensFor(SECOND);
    assertThat(rig.backend.reads()).isZero();
  }

  @Test
  void switchingTwiceDoesNotKickTwice() {
    rig.transport.setBusMaster(false);
    rig.transport.setBusMaster(false);
    rig.transport.setBusMaster(true);
    rig.ring.offer(head);
    rig.transport.setBusMaster(true);
    assertNothingHappensFor(SECOND);
    assertThat(rig.transport.ignoredNotifications()).isZero();
  }

  @Must(32)
  @Test
  void m32_theEntropyDeviceWaitsToo() {
    ManualClock clock = new ManualClock();
    ByteGuestMemory memory = new ByteGuestMemory(0x1_0000, 1 << 16);
    VirtioRng rng = new VirtioRng(target -> target.fill((byte) 0x5a), clock);
    VirtioPciTransport transport = new VirtioPciTransport(rng, memory, new RecordingInterrupt());
    FakeDriver driver = new FakeDriver(transport, memory);
    DriverRing ring = driver.start(driver.offered(), 4);
    long buffer = driver.allocate(16, 16);
    ring.submit(ring.chain(List.of(DriverBuffer.writable(buffer, 16))));
    clock.advance(5_000);
    transport.setBusMaster(false);
    transport.setBusMaster(true);
    clock.advance(4_999);
    assertThat(ring.hasUsed()).as("not before its time").isFalse();
    transport.setBusMaster(false);
    clock.advance(SECOND);
    assertThat(ring.hasUsed()).isFalse();
    assertThat(memory.u8(buffer)).isZero();
    transport.setBusMaster(true);
    clock.advance(0);
    ring.takeUsed();
    assertThat(memory.u8(buffer)).isEqualTo(0x5a);
  }
}
