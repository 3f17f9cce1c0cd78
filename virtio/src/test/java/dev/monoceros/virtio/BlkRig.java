package dev.monoceros.virtio;

import dev.monoceros.virtio.blk.BlkOptions;
import dev.monoceros.virtio.blk.LatencyModel;
import dev.monoceros.virtio.blk.VirtioBlock;
import dev.monoceros.virtio.mmio.VirtioMmioTransport;
import dev.monoceros.virtio.pci.VirtioPciTransport;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.ByteGuestMemory;
import dev.monoceros.virtio.testing.DriverBuffer;
import dev.monoceros.virtio.testing.DriverQueue;
import dev.monoceros.virtio.testing.DriverRing;
import dev.monoceros.virtio.testing.FakeDriver;
import dev.monoceros.virtio.testing.ManualClock;
import dev.monoceros.virtio.testing.MemoryBackend;
import dev.monoceros.virtio.testing.PackedDriverRing;
import dev.monoceros.virtio.testing.RecordingInterrupt;
import java.util.List;
import java.util.Optional;

/** A block device on a transport with a driver in front and a memory disk behind. */
public final class BlkRig {
  // Feature bits as linux/virtio_blk.h and linux/virtio_config.h have them.
  public static final long SEG_MAX = 1L << 2;
  public static final long RO = 1L << 5;
  public static final long BLK_SIZE = 1L << 6;
  public static final long FLUSH = 1L << 9;
  public static final long SIZE_MAX = 1L << 1;
  public static final long TOPOLOGY = 1L << 10;
  public static final long CONFIG_WCE = 1L << 11;
  public static final long MQ = 1L << 12;
  public static final long DISCARD = 1L << 13;
  public static final long WRITE_ZEROES = 1L << 14;
  public static final long SECURE_ERASE = 1L << 16;
  public static final long INDIRECT = 1L << 28;
  public static final long EVENT_IDX = 1L << 29;
  public static final long VERSION_1 = 1L << 32;
  public static final long RING_PACKED = 1L << 34;
  public static final long IN_ORDER = 1L << 35;
  public static final long NOTIFICATION_DATA = 1L << 38;
  public static final long RING_RESET = 1L << 40;

  public static final int SECTORS = 256;
  public static final int MEMORY_BYTES = 1 << 20;
  public static final long MEMORY_BASE = 0x10_0000;
  public static final int DATA_BYTES = 64 * 512;

  public final ManualClock clock = new ManualClock();
  public final ByteGuestMemory memory = new ByteGuestMemory(MEMORY_BASE, MEMORY_BYTES);
  public final RecordingInterrupt interrupt;
  public final MemoryBackend backend;
  public final VirtioBlock block;

  /** On PCI, else null. */
  public final VirtioPciTransport transport;

  /** On MMIO, else null. */
  public final VirtioMmioTransport window;

  public final FakeDriver driver;

  /** The driver's ends of all queues, once started. */
  public DriverQueue[] queues;

  /** The first of them. */
  public DriverQueue queue;

  /** The same if it is a split queue, else null. */
  public DriverRing ring;

  /** The same if it is a packed queue, else null. */
  public PackedDriverRing packed;

  /** On the first queue. */
  public BlkDriver disk;

  public BlkRig() {
    this(new MemoryBackend(SECTORS), BlkOptions.DEFAULT, LatencyModel.DEFAULT, 0);
  }

  public BlkRig(MemoryBackend backend) {
    this(backend, BlkOptions.DEFAULT, LatencyModel.DEFAULT, 0);
  }

  public BlkRig(BlkOptions options) {
    this(new MemoryBackend(SECTORS), options, LatencyModel.DEFAULT, 0);
  }

  public BlkRig(MemoryBackend backend, BlkOptions options, LatencyModel latency, int vectors) {
    this(Bus.PCI, backend, options, latency, vectors);
  }

  public BlkRig(Bus bus) {
    this(bus, new MemoryBackend(SECTORS), BlkOptions.DEFAULT, LatencyModel.DEFAULT, 0);
  }

  public BlkRig(Wiring wiring) {
    this(wiring, new MemoryBackend(SECTORS), BlkOptions.DEFAULT);
  }

  public BlkRig(Wiring wiring, BlkOptions options) {
    this(wiring, new MemoryBackend(SECTORS), options);
  }

  public BlkRig(Wiring wiring, MemoryBackend backend, BlkOptions options) {
    this(wiring.bus(), backend, wiring.format().offeredBy(options), LatencyModel.DEFAULT, 0);
  }

  public BlkRig(
      Bus bus, MemoryBackend backend, BlkOptions options, LatencyModel latency, int vectors) {
    this.backend = backend;
    this.interrupt = new RecordingInterrupt(vectors);
    this.block = new VirtioBlock(backend, options, latency, clock);
    if (bus == Bus.PCI) {
      this.transport = new VirtioPciTransport(block, memory, interrupt);
      this.window = null;
      this.driver = new FakeDriver(transport, memory);
    } else {
      this.transport = null;
      this.window = new VirtioMmioTransport(block, memory, interrupt);
      this.driver = new FakeDriver(window, memory);
    }
  }

  /** Live with all features offered and a queue of 16. */
  public static BlkRig started() {
    return new BlkRig().start(16);
  }

  /** The same on any transport. */
  public static BlkRig started(Bus bus) {
    return new BlkRig(bus).start(16);
  }

  /** The same with either format of the rings. */
  public static BlkRig started(Wiring wiring) {
    return new BlkRig(wiring).start(16);
  }

  /** A function with MSI-X vectors, not started. */
  public static BlkRig withMsix(int vectors) {
    return new BlkRig(
        new MemoryBackend(SECTORS), BlkOptions.DEFAULT, LatencyModel.DEFAULT, vectors);
  }

  /** Starts with all features offered. */
  public BlkRig start(int queueSize) {
    return start(driver.offered(), queueSize);
  }

  /** Starts with some features and one queue. */
  public BlkRig start(long features, int queueSize) {
    return startQueues(features, 1, queueSize);
  }

  /** Starts with some features and several queues, packed if that is among the features. */
  public BlkRig startQueues(long features, int count, int queueSize) {
    queues = driver.startQueues(features, count, queueSize);
    return use(queues[0]);
  }

  /** Takes a queue that was set up by itself as the first. */
  public BlkRig use(DriverQueue first) {
    queue = first;
    ring = first instanceof DriverRing split ? split : null;
    packed = first instanceof PackedDriverRing other ? other : null;
    disk = new BlkDriver(driver, first, clock, DATA_BYTES);
    return this;
  }

  /** A driver for the disk on another of its queues. */
  public BlkDriver diskOn(int index, int dataBytes) {
    return new BlkDriver(driver, queues[index], clock, dataBytes);
  }

  /** The buffers of a request with header, data and status in memory of its own. */
  public List<DriverBuffer> request(long type, long sector, long bytes, boolean deviceWrites) {
    long header = driver.allocate(BlkDriver.HEADER_BYTES, 16);
    DriverBuffer status = DriverBuffer.writable(driver.allocate(1, 1), 1);
    disk.putHeader(header, type, sector);
    memory.putU8(status.address(), BlkDriver.NO_STATUS);
    DriverBuffer head = DriverBuffer.readable(header, BlkDriver.HEADER_BYTES);
    if (bytes == 0) {
      return List.of(head, status);
    }
    DriverBuffer data = new DriverBuffer(driver.allocate(bytes, 16), bytes, deviceWrites);
    return List.of(head, data, status);
  }

  /** A reset of the whole machine. */
  public void resetMachine() {
    if (transport == null) {
      window.reset();
    } else {
      transport.reset();
    }
  }

  public Optional<String> resetReason() {
    return transport == null ? window.resetReason() : transport.resetReason();
  }

  public boolean needsReset() {
    return (driver.status() & FakeDriver.S_NEEDS_RESET) != 0;
  }

  /** Bytes that differ from one to the next, so that misplaced data is seen. */
  public static byte[] pattern(int length, int seed) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) ((i * 31 + seed * 97 + i / 251) ^ (i >>> 8));
    }
    return bytes;
  }
}
