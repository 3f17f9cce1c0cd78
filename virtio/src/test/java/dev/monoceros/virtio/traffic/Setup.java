package dev.monoceros.virtio.traffic;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.Wiring;
import dev.monoceros.virtio.blk.BlkOptions;
import dev.monoceros.virtio.blk.CacheMode;
import dev.monoceros.virtio.blk.IoLimits;
import dev.monoceros.virtio.blk.LatencyModel;
import dev.monoceros.virtio.testing.MemoryBackend;
import java.util.SplittableRandom;

/**
 * A random choice of everything that can be chosen about device and driver.
 *
 * @param features what the driver takes
 */
record Setup(Wiring wiring, int queues, int queueSize, long features, long seed) {
  static final int SECTORS = 64;

  static Setup random(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Wiring wiring = Wiring.values()[random.nextInt(Wiring.values().length)];
    int queues = random.nextInt(3) == 0 ? 1 + random.nextInt(16) : 1 + random.nextInt(3);
    boolean packed = wiring == Wiring.PCI_PACKED || wiring == Wiring.MMIO_PACKED;
    int size = packed ? 1 + random.nextInt(40) : 1 << random.nextInt(6);
    // Any of the optional features away, but the format of the rings stays.
    long some = random.nextLong();
    long away = some & random.nextLong();
    long kept = BlkRig.VERSION_1 | BlkRig.RING_PACKED | BlkRig.INDIRECT | BlkRig.MQ;
    return new Setup(wiring, queues, size, ~away | kept, seed);
  }

  BlkRig rig() {
    SplittableRandom random = new SplittableRandom(~seed);
    CacheMode cache = CacheMode.values()[random.nextInt(3)];
    LatencyModel latency =
        random.nextInt(4) == 0
            ? LatencyModel.ZERO
            : new LatencyModel(1 + random.nextInt(20_000), 9_000, 30_000, 2_000, 4096);
    IoLimits limits =
        random.nextInt(3) == 0 ? new IoLimits(100_000, 0, 0, 0, 0, 50_000_000) : IoLimits.NONE;
    BlkOptions options =
        BlkOptions.DEFAULT
            .withQueues(queues)
            .withQueueSize(64)
            .withShownFeatures(BlkRig.IN_ORDER | BlkRig.NOTIFICATION_DATA | BlkRig.SECURE_ERASE)
            .withCache(cache)
            .withLimits(limits);
    MemoryBackend backend = new MemoryBackend(SECTORS);
    return new BlkRig(wiring.bus(), backend, wiring.format().offeredBy(options), latency, 0);
  }

  /** Live, with queues of the chosen size. */
  BlkRig start(BlkRig rig) {
    return rig.startQueues(rig.driver.offered() & features, queues, queueSize);
  }

  boolean inOrder() {
    return (features & BlkRig.IN_ORDER) != 0;
  }
}
