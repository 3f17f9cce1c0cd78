package dev.monoceros.virtio.rng;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.Bus;
import dev.monoceros.virtio.mmio.VirtioMmioTransport;
import dev.monoceros.virtio.pci.VirtioPciTransport;
import dev.monoceros.virtio.testing.ByteGuestMemory;
import dev.monoceros.virtio.testing.DriverBuffer;
import dev.monoceros.virtio.testing.DriverRing;
import dev.monoceros.virtio.testing.FakeDriver;
import dev.monoceros.virtio.testing.ManualClock;
import dev.monoceros.virtio.testing.RecordingInterrupt;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Virtio 1.2, section 5.4, on both transports. The stream is 1, 2, 3 ... */
@ParameterizedClass
@EnumSource(Bus.class)
class VirtioRngTest {
  private static final int NEXT = DriverRing.F_NEXT;
  private static final int WRITE = DriverRing.F_WRITE;
  private static final long BASE = 0x10_0000;
  private static final int BYTES = 1 << 20;

  private final ManualClock clock = new ManualClock();
  private final ByteGuestMemory memory = new ByteGuestMemory(BASE, BYTES);
  private final RecordingInterrupt interrupt = new RecordingInterrupt(0);
  private final FakeDriver driver;
  private final VirtioPciTransport function;
  private byte stream;
  private DriverRing ring;
  private long data;

  VirtioRngTest(Bus bus) {
    VirtioRng device =
        new VirtioRng(
            target -> {
              for (long i = 0; i < target.byteSize(); i++) {
                target.set(ValueLayout.JAVA_BYTE, i, ++stream);
              }
            },
            clock);
    if (bus == Bus.PCI) {
      function = new VirtioPciTransport(device, memory, interrupt);
      driver = new FakeDriver(function, memory);
    } else {
      function = null;
      driver = new FakeDriver(new VirtioMmioTransport(device, memory, interrupt), memory);
    }
  }

  @BeforeEach
  void start() {
    ring = driver.start(driver.offered(), 16);
    data = driver.allocate(8192, 4096);
  }

  /** Whatever a test did: after a reset, should one be needed, the device gives bytes. */
  @AfterEach
  void theDeviceWorksOn() {
    if ((driver.status() & FakeDriver.S_NEEDS_RESET) != 0) {
      ring = driver.start(driver.offered(), 16);
    }
    stream = 0;
    int head = ring.chain(List.of(DriverBuffer.writable(data, 4)));
    answered(head, 4);
    assertThat(memory.u32(data)).isEqualTo(0x04030201);
  }

  private void answered(int head, long length) {
    ring.submit(head);
    clock.runAll(10);
    assertThat(ring.hasUsed()).isTrue();
    assertThat(ring.takeUsed()).isEqualTo(head);
    assertThat(ring.usedLength()).isEqualTo(length);
  }

  @Test
  void onPciItIsAnEntropySourceOfTheModernKind() {
    if (function != null) {
      assertThat(function.identity().deviceId()).isEqualTo(0x1044);
      assertThat(function.identity().subsystemId()).isGreaterThanOrEqualTo(0x40);
      assertThat(function.capabilities().stream().map(capability -> capability.read(3, 1)))
          .as("common, notify, ISR and PCI access, and no structure of no length")
          .containsExactly(1L, 2L, 3L, 5L);
    }
  }

  @Test
  void bytesComeAfterSomeVirtualTimeAndNotBefore() {
    int head = ring.chain(List.of(DriverBuffer.writable(data, 4)));
    ring.submit(head);
    assertThat(ring.hasUsed()).isFalse();
    assertThat(memory.u32(data)).isZero();
    clock.advance(VirtioRng.LATENCY - 1);
    assertThat(ring.hasUsed()).isFalse();
    clock.advance(1);
    assertThat(ring.hasUsed()).isTrue();
    assertThat(interrupt.isAsserted()).isTrue();
    assertThat(ring.takeUsed()).isEqualTo(head);
  }

  @Test
  void severalBuffersOfAChainAreFilledInOrder() {
    int head =
        ring.chain(
            List.of(
                DriverBuffer.writable(data, 1),
                DriverBuffer.writable(data + 16, 2),
                DriverBuffer.writable(data + 32, 1)));
    answered(head, 4);
    assertThat(memory.u8(data)).isEqualTo(1);
    assertThat(memory.u16(data + 16)).isEqualTo(0x0302);
    assertThat(memory.u8(data + 32)).isEqualTo(4);
  }

  @Test
  void aLargeBufferIsFilledInPart() {
    int head = ring.chain(List.of(DriverBuffer.writable(data, 8192)));
    answered(head, VirtioRng.MOST_BYTES);
    assertThat(memory.u8(data + VirtioRng.MOST_BYTES - 1)).isEqualTo(VirtioRng.MOST_BYTES & 0xff);
    assertThat(memory.u8(data + VirtioRng.MOST_BYTES)).isZero();
  }

  @Test
  void aReadableBufferIsNeverWrittenAndAChainOfThemComesBackEmpty() {
    int mixed =
        ring.chain(List.of(DriverBuffer.readable(data, 8), DriverBuffer.writable(data + 8, 2)));
    answered(mixed, 2);
    assertThat(memory.u64(data)).isZero();
    assertThat(memory.u16(data + 8)).isEqualTo(0x0201);
    answered(ring.chain(List.of(DriverBuffer.readable(data, 8))), 0);
    assertThat(memory.u64(data)).isZero();
  }

  @Test
  void aZeroLengthALoopAndABadAddressComeBackEmpty() {
    ring.describe(0, data, 0, WRITE, 0);
    answered(0, 0);
    ring.describe(1, data, 4, NEXT | WRITE, 2);
    ring.describe(2, data, 4, NEXT | WRITE, 1);
    answered(1, 0);
    ring.describe(3, BASE + BYTES - 2, 4, WRITE, 0);
    answered(3, 0);
    assertThat(memory.u64(data)).isZero();
    assertThat(driver.status() & FakeDriver.S_NEEDS_RESET).isZero();
  }

  @Test
  void aJumpOfTheAvailableIndexNeedsAReset() {
    ring.setAvailIndex(ring.availIndex() + 17);
    driver.kick(0);
    clock.runAll(10);
    assertThat(driver.status() & FakeDriver.S_NEEDS_RESET).isNotZero();
  }

  @Test
  void aNotificationWithoutABufferDoesNothing() {
    driver.kick(0);
    clock.runAll(10);
    assertThat(ring.hasUsed()).isFalse();
    assertThat(stream).isZero();
  }

  @Test
  void aResetTakesBackWhatWasNotAnswered() {
    ring.submit(ring.chain(List.of(DriverBuffer.writable(data, 4))));
    driver.reset();
    clock.runAll(10);
    assertThat(memory.u32(data)).isZero();
    ring = driver.start(driver.offered(), 16);
    ring.submit(ring.chain(List.of(DriverBuffer.writable(data, 4))));
    driver.resetQueue(0);
    clock.runAll(10);
    assertThat(memory.u32(data)).isZero();
    driver.reset();
    ring = driver.start(driver.offered(), 16);
  }
}
