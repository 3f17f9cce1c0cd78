package dev.monoceros.virtio.fuzz;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.Wiring;
import dev.monoceros.virtio.blk.BlkOptions;
import dev.monoceros.virtio.blk.IoLimits;
import dev.monoceros.virtio.blk.LatencyModel;
import dev.monoceros.virtio.blk.VirtioBlock;
import dev.monoceros.virtio.device.RegisterWindow;
import dev.monoceros.virtio.mmio.VirtioMmioTransport;
import dev.monoceros.virtio.pci.VirtioPciTransport;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.ByteGuestMemory;
import dev.monoceros.virtio.testing.DriverQueue;
import dev.monoceros.virtio.testing.FakeDriver;
import dev.monoceros.virtio.testing.ManualClock;
import dev.monoceros.virtio.testing.MemoryBackend;
import dev.monoceros.virtio.testing.RecordingInterrupt;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * A live block device in little memory, to which the bytes of an input do what a guest can do. The
 * first four bytes choose how it is set up; then each operation is one byte and its arguments.
 */
final class FuzzedDevice {
  static final int HEADER = 4;
  static final int OPERATION = 13;

  private static final List<Wiring> WIRINGS = List.of(Wiring.values());
  private static final int MEMORY = 1 << 15;
  private static final int QUEUES = 2;
  private static final int SECTORS = 16;
  private static final int MOST_ALARMS = 4096;
  private static final int MOST_OPERATIONS = 200;
  private static final int FLAGS = 1 << 7 | 1 << 15 | 7;

  private final ManualClock clock = new ManualClock();
  private final ByteGuestMemory memory = new ByteGuestMemory(BlkRig.MEMORY_BASE, MEMORY);
  private final RecordingInterrupt interrupt = new RecordingInterrupt(3);
  private final MemoryBackend backend = new MemoryBackend(SECTORS);
  private final VirtioBlock block;
  private final VirtioPciTransport pci;
  private final RegisterWindow window;
  private final FakeDriver driver;
  private final long ringBytes;

  private FuzzedDevice(Wiring wiring, int choice, int size) {
    IoLimits limits = (choice & 1) == 0 ? IoLimits.NONE : new IoLimits(1000, 0, 0, 1 << 20, 0, 0);
    BlkOptions options =
        BlkOptions.DEFAULT
            .withQueues(QUEUES)
            .withQueueSize(64)
            .withSizeMax((choice & 2) == 0 ? 0 : 4096)
            .withShownFeatures(BlkRig.IN_ORDER | BlkRig.NOTIFICATION_DATA | BlkRig.SECURE_ERASE)
            .withLimits(limits);
    LatencyModel latency = (choice & 4) == 0 ? LatencyModel.DEFAULT : LatencyModel.ZERO;
    this.block = new VirtioBlock(backend, wiring.format().offeredBy(options), latency, clock);
    switch (wiring.bus()) {
      case PCI -> {
        this.pci = new VirtioPciTransport(block, memory, interrupt);
        this.window = pci;
        this.driver = new FakeDriver(pci, memory);
      }
      default -> {
        VirtioMmioTransport mmio = new VirtioMmioTransport(block, memory, interrupt);
        this.pci = null;
        this.window = mmio;
        this.driver = new FakeDriver(mmio, memory);
      }
    }
    long hidden = (choice & 8) == 0 ? 0 : BlkRig.EVENT_IDX;
    hidden |= (choice & 16) == 0 ? BlkRig.IN_ORDER : 0;
    hidden |= (choice & 32) == 0 ? 0 : BlkRig.SEG_MAX | BlkRig.FLUSH;
    int count = wiring.format().feature() == 0 ? Integer.highestOneBit(size) : size;
    driver.startQueues(driver.offered() & ~hidden, QUEUES, count);
    this.ringBytes = driver.allocate(0, 16) - BlkRig.MEMORY_BASE;
  }

  /** Lets an input loose; anything thrown from here is a finding. */
  static void survive(byte[] bytes) {
    if (bytes.length < HEADER) {
      return;
    }
    ByteBuffer input = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    Wiring wiring = WIRINGS.get(input.get() & 3);
    int choice = input.get();
    FuzzedDevice device = new FuzzedDevice(wiring, choice, 1 + (input.get() & 63));
    input.get();
    for (int i = 0; i < MOST_OPERATIONS && input.remaining() >= OPERATION; i++) {
      device.operate(input.get() & 15, input.getInt(), input.getLong());
    }
    device.repair();
  }

  private void operate(int operation, int a, long b) {
    int low = a & 0xFFFF;
    int high = a >>> 16;
    switch (operation) {
      case 0 -> window.write(register(low), 1 << (high & 3), b);
      case 1 -> window.read(register(low), 1 << (high & 3));
      case 2, 3 -> memory.putU64(inRings(low, Long.BYTES), b);
      case 4 -> memory.putU16(inRings(low, Short.BYTES), high);
      case 5, 6 -> describe(low, high, b);
      case 7 -> memory.putU64(BlkRig.MEMORY_BASE + low % (MEMORY - Long.BYTES), b);
      case 8 -> clock.advance(b & 0xFFFFF);
      case 9 -> request(low, high, b);
      case 10 -> resetQueue(low % QUEUES);
      case 11 -> resize(low);
      case 12 -> control(low);
      default -> driver.kick(low % (QUEUES + 1));
    }
  }

  private static long register(int low) {
    return low < 0x8000 ? low & 0x3FFF : low & 0x7F;
  }

  private long inRings(int low, int size) {
    return BlkRig.MEMORY_BASE + low % Math.max(1, ringBytes - size);
  }

  /** A descriptor whose fields are mostly sensible, somewhere where the rings are. */
  private void describe(int low, int high, long b) {
    long at = BlkRig.MEMORY_BASE + low % (ringBytes / 16) * 16;
    memory.putU64(at, BlkRig.MEMORY_BASE + (b & 0x7FFF));
    memory.putU32(at + 8, b >>> 16 & 0xFFF);
    memory.putU16(at + 12, (int) (b >>> 32) & FLAGS);
    memory.putU16(at + 14, (b < 0 ? high : high & FLAGS) & 0xFFFF);
  }

  private void request(int low, int high, long b) {
    long at = BlkRig.MEMORY_BASE + low % (MEMORY - BlkDriver.HEADER_BYTES);
    memory.putU32(at, high & 15);
    memory.putU64(at + 8, b & 31);
  }

  private void resetQueue(int index) {
    driver.writeCommon(FakeDriver.QUEUE_SELECT, Short.BYTES, index);
    driver.writeCommon(FakeDriver.QUEUE_RESET, Short.BYTES, 1);
    driver.writeCommon(FakeDriver.QUEUE_ENABLE, Short.BYTES, 1);
  }

  private void resize(int low) {
    backend.resize(low & 63);
    block.capacityChanged();
  }

  private void control(int low) {
    if (pci != null) {
      pci.setBusMaster((low & 1) == 0);
      interrupt.enableMsix((low & 2) != 0);
      pci.msixToggled();
    }
  }

  /** Everything ends in bounded time, and a reset makes the device as good as new. */
  private void repair() {
    control(0);
    clock.runAll(MOST_ALARMS);
    if (block.requestsInFlight() != 0) {
      throw new AssertionError(block.requestsInFlight() + " requests are stuck");
    }
    driver.reset();
    if (clock.isArmed() || interrupt.isAsserted()) {
      throw new AssertionError("something is left after the reset");
    }
    backend.resize(SECTORS);
    block.capacityChanged();
    memory.region(BlkRig.MEMORY_BASE).fill((byte) 0);
    FakeDriver next =
        pci == null
            ? new FakeDriver((VirtioMmioTransport) window, memory)
            : new FakeDriver(pci, memory);
    DriverQueue[] queues = next.startQueues(next.offered(), QUEUES, 8);
    BlkDriver disk = new BlkDriver(next, queues[1], clock, 512);
    disk.write(3, BlkRig.pattern(512, 1));
    disk.read(3, 1);
  }
}
