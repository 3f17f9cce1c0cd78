package dev.monoceros.tests.bench.blk;

import dev.monoceros.virtio.blk.BlkOptions;
import dev.monoceros.virtio.blk.LatencyModel;
import dev.monoceros.virtio.blk.VirtioBlock;
import dev.monoceros.virtio.device.Features;
import dev.monoceros.virtio.pci.VirtioPciTransport;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.ByteGuestMemory;
import dev.monoceros.virtio.testing.DriverBuffer;
import dev.monoceros.virtio.testing.DriverQueue;
import dev.monoceros.virtio.testing.FakeDriver;
import dev.monoceros.virtio.testing.ManualClock;
import dev.monoceros.virtio.testing.MemoryBackend;
import dev.monoceros.virtio.testing.RecordingInterrupt;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * What a 4 KiB request costs the host, from the driver's offer and kick to the used chain and the
 * acknowledged interrupt: the driver's own work, the transport's registers, the queue, parsing,
 * copying to or from a disk in memory, completion in virtual time, one request at a time.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RequestCostBench {
  private static final int BYTES = 4096;
  private static final int SECTORS = 64 << 11; // 64 MiB
  private static final int QUEUE_SIZE = 256;
  private static final int MEMORY = 4 << 20;

  /** Format of the ring. */
  @Param({"split", "packed"})
  String ring;

  /** Where the descriptors are. */
  @Param({"direct", "indirect"})
  String chain;

  private final ManualClock clock = new ManualClock();
  private final ByteGuestMemory memory = new ByteGuestMemory(MEMORY);
  private FakeDriver driver;
  private DriverQueue queue;
  private long header;
  private int read;
  private int write;
  private long sector;

  /** A live device that interrupts for each request, and two chains offered again and again. */
  @Setup
  public void start() {
    BlkOptions options = BlkOptions.DEFAULT;
    if (ring.equals("packed")) {
      options = options.withShownFeatures(Features.RING_PACKED);
    }
    VirtioBlock block =
        new VirtioBlock(new MemoryBackend(SECTORS), options, LatencyModel.DEFAULT, clock);
    driver =
        new FakeDriver(new VirtioPciTransport(block, memory, new RecordingInterrupt()), memory);
    queue = driver.startQueues(driver.offered() & ~Features.EVENT_IDX, 1, QUEUE_SIZE)[0];
    header = driver.allocate(2 * BlkDriver.HEADER_BYTES, BlkDriver.HEADER_BYTES);
    long data = driver.allocate(BYTES, BYTES);
    long status = driver.allocate(1, 1);
    DriverBuffer end = DriverBuffer.writable(status, 1);
    read =
        chain(
            List.of(
                DriverBuffer.readable(header, BlkDriver.HEADER_BYTES),
                DriverBuffer.writable(data, BYTES),
                end));
    write =
        chain(
            List.of(
                DriverBuffer.readable(header + BlkDriver.HEADER_BYTES, BlkDriver.HEADER_BYTES),
                DriverBuffer.readable(data, BYTES),
                end));
  }

  private int chain(List<DriverBuffer> buffers) {
    return chain.equals("direct") ? queue.chain(buffers) : queue.indirectChain(buffers);
  }

  /** A read of 4 KiB. */
  @Benchmark
  public int read() {
    return run(read, header, BlkDriver.T_IN);
  }

  /** A write of 4 KiB. */
  @Benchmark
  public int write() {
    return run(write, header + BlkDriver.HEADER_BYTES, BlkDriver.T_OUT);
  }

  private int run(int id, long at, int type) {
    sector = (sector + 8 * 1237) % (SECTORS - 8);
    memory.putU32(at, type);
    memory.putU64(at + 8, sector);
    queue.offer(id);
    queue.kickIfWanted();
    while (!queue.hasUsed()) {
      if (!clock.runNext()) {
        throw new IllegalStateException("the request does not come back");
      }
    }
    return queue.takeUsed() + driver.readIsr();
  }

  /** Runs it with the profiler of allocations. */
  public static void main(String[] arguments) throws RunnerException {
    new Runner(
            new OptionsBuilder()
                .include(RequestCostBench.class.getSimpleName())
                .addProfiler(GCProfiler.class)
                .build())
        .run();
  }
}
