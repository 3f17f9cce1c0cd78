package dev.monoceros.virtio.blk;

import dev.monoceros.virtio.device.CompletionScheduler;
import dev.monoceros.virtio.device.DeviceContext;
import dev.monoceros.virtio.device.Features;
import dev.monoceros.virtio.device.VirtioDevice;
import dev.monoceros.virtio.queue.DescriptorChain;
import dev.monoceros.virtio.queue.QueueFault;
import dev.monoceros.virtio.queue.Virtqueue;
import java.io.IOException;
import java.util.Optional;

/**
 * The virtio block device (5.2). Data moves between backend and guest memory when a request is
 * taken from its queue; status byte, used ring and interrupt follow at the virtual time that the
 * latency model says. A reset takes back all that has not been published, and nothing is written
 * for it any more.
 *
 * <p>Work is bounded: a chain in flight holds its head, so there are at most as many requests as
 * descriptors; and once requests for {@value #MAX_BYTES_IN_FLIGHT} bytes are in flight, no more are
 * taken until some complete.
 */
public final class VirtioBlock implements VirtioDevice {
  /** Bytes of data in flight from which on the device takes no further request: 32 MiB. */
  static final long MAX_BYTES_IN_FLIGHT = 32L << 20;

  private static final int DEVICE_ID = 2;
  private static final long SHOWN_ON_REQUEST =
      Features.RING_PACKED | Features.IN_ORDER | Features.NOTIFICATION_DATA;
  private static final int CHAIN_OVERHEAD = 2;
  private static final long MAX_CAPACITY = 1L << 54;
  private static final long NOT_ARMED = Long.MAX_VALUE;

  private final BlockBackend backend;
  private final BlkOptions options;
  private final LatencyModel latency;
  private final CompletionScheduler scheduler;
  private final CompletionScheduler.Alarm alarm;
  private final long offered;
  private final BlkConfigSpace config;
  private final BlkCounters counters = new BlkCounters();
  private final RequestExecutor executor;
  private final CompletionQueue inFlight = new CompletionQueue();
  private final IoPacer pacer;
  private final BlkQueue[] queues;

  private DeviceContext context;
  private RequestParser parser;
  private long bytesInFlight;
  private long armedFor = NOT_ARMED;
  private int firstToResume;
  private boolean halted;
  private boolean inOrder;

  /** A device on {@code backend}, in its state after reset. */
  public VirtioBlock(
      BlockBackend backend,
      BlkOptions options,
      LatencyModel latency,
      CompletionScheduler scheduler) {
    this.backend = backend;
    this.options = options;
    this.latency = latency;
    this.scheduler = scheduler;
    this.alarm = scheduler.newAlarm(this::completeDue);
    this.offered = offered(backend, options);
    this.pacer = new IoPacer(options.limits());
    boolean many = Features.has(offered, BlkFeatures.MQ);
    this.queues = new BlkQueue[many ? options.queues() : 1];
    this.config = new BlkConfigSpace(options, backend, offered);
    this.config.setCapacity(checkedCapacity());
    this.executor = new RequestExecutor(backend, options, counters);
  }

  private static long offered(BlockBackend backend, BlkOptions options) {
    long all =
        Features.VERSION_1
            | Features.INDIRECT_DESC
            | Features.EVENT_IDX
            | Features.RING_RESET
            | BlkFeatures.SEG_MAX
            | BlkFeatures.BLK_SIZE
            | BlkFeatures.TOPOLOGY
            | BlkFeatures.FLUSH
            | BlkFeatures.CONFIG_WCE;
    all |= options.sizeMax() > 0 ? BlkFeatures.SIZE_MAX : 0;
    all |= options.queues() > 1 ? BlkFeatures.MQ : 0;
    all |= options.shownFeatures() & SHOWN_ON_REQUEST;
    all |= backend.readOnly() ? BlkFeatures.RO : changes(backend, options);
    all &= ~options.hiddenFeatures();
    // 5.2.5.2: with CONFIG_WCE the device must offer FLUSH.
    return Features.has(all, BlkFeatures.FLUSH) ? all : all & ~BlkFeatures.CONFIG_WCE;
  }

  /** Requests that change a writable disk without sending data. */
  private static long changes(BlockBackend backend, BlkOptions options) {
    long erase = backend.erasesSecurely() ? BlkFeatures.SECURE_ERASE & options.shownFeatures() : 0;
    return BlkFeatures.WRITE_ZEROES | (backend.discards() ? BlkFeatures.DISCARD : 0) | erase;
  }

  private long checkedCapacity() {
    long sectors = backend.capacitySectors();
    if (sectors < 0 || sectors > MAX_CAPACITY) {
      throw new IllegalArgumentException(
          "a disk of " + Long.toUnsignedString(sectors) + " sectors is beyond 2^54");
    }
    return sectors;
  }

  /** What the device has done so far. */
  public BlkCounts counts() {
    return counters.counts();
  }

  /** The last failure of the backend, for the log. */
  public Optional<IOException> lastError() {
    return executor.lastError();
  }

  /** Requests taken from the queues whose completion is still to come. */
  public int requestsInFlight() {
    int sum = 0;
    for (BlkQueue queue : queues) {
      sum += queue == null ? 0 : queue.ring().inFlight();
    }
    return sum;
  }

  /** The backend has another capacity now: tells the driver (5.2.5.2). */
  public void capacityChanged() {
    config.setCapacity(checkedCapacity());
    if (context != null) {
      context.configChanged();
    }
  }

  @Override
  public int deviceId() {
    return DEVICE_ID;
  }

  @Override
  public long offeredFeatures() {
    return offered;
  }

  @Override
  public int queueCount() {
    return queues.length;
  }

  @Override
  public int maxQueueSize(int index) {
    return options.queueSize();
  }

  @Override
  public int maxChainLength() {
    return options.maxSegments() + CHAIN_OVERHEAD;
  }

  @Override
  public int configLength() {
    return BlkConfigSpace.LENGTH;
  }

  @Override
  public long readConfig(long offset, int size) {
    return config.read(offset, size);
  }

  @Override
  public void writeConfig(long offset, int size, long value) {
    config.write(offset, size, value);
    executor.setWriteThrough(writeThrough());
  }

  @Override
  public void negotiated(long features) {
    boolean before = config.writeback();
    config.negotiated(features);
    noteWriteback(before);
  }

  /** 2.5.1: the driver may have read {@code writeback}, so the generation changes with it. */
  private void noteWriteback(boolean before) {
    if (config.writeback() != before) {
      context.configChanged();
    }
  }

  /**
   * Whether a write must be stable before it completes (5.2.6.2): the driver said so by {@code
   * writeback}, or it refused everything by which it could say so or flush.
   */
  private boolean writeThrough() {
    if (Features.has(context.features(), BlkFeatures.CONFIG_WCE)) {
      return !config.writeback();
    }
    return !Features.has(context.features(), BlkFeatures.FLUSH)
        || options.cache() == CacheMode.WRITETHROUGH;
  }

  @Override
  public void attach(DeviceContext newContext) {
    context = newContext;
  }

  @Override
  public void activate() {
    parser = new RequestParser(backend, options, context.features());
    inOrder = Features.has(context.features(), Features.IN_ORDER);
    executor.setWriteThrough(writeThrough());
  }

  @Override
  public void queueNotified(int index) {
    if (queues[index] == null) {
      queues[index] = new BlkQueue(context.queue(index), context.memory());
    }
    drain(queues[index]);
    arm();
  }

  /** Takes all that is available, up to the limit of bytes in flight. */
  private void drain(BlkQueue queue) {
    Virtqueue ring = queue.ring();
    queue.setStalled(false);
    do {
      DescriptorChain chain = takeNext(queue);
      while (chain != null) {
        submit(queue, chain);
        chain = takeNext(queue);
      }
    } while (!queue.stalled() && ring.enableNotifications());
    Optional<QueueFault> fault = ring.fault();
    if (fault.isPresent() && !halted) {
      halted = true;
      context.needsReset("queue " + ring.index() + ": " + fault.get().sentence());
    }
  }

  private DescriptorChain takeNext(BlkQueue queue) {
    if (bytesInFlight >= MAX_BYTES_IN_FLIGHT) {
      queue.setStalled(true);
      return null;
    }
    return queue.ring().poll();
  }

  private void submit(BlkQueue queue, DescriptorChain chain) {
    BlkRequest request = queue.requestFor(chain);
    parser.parse(chain, request);
    executor.execute(request);
    chain.release();
    bytesInFlight += request.dataBytes();
    long taken = latency.nanos(request) + backend.takeDelayNanos();
    long due = pacer.start(request, scheduler.nowNanos()) + taken;
    inFlight.add(request, inOrder ? queue.inOrder(due) : due);
  }

  /** The alarm: publishes every request that is due, notifies, and takes what had to wait. */
  private void completeDue() {
    armedFor = NOT_ARMED;
    if (!context.mayAccessMemory()) {
      return; // memoryGranted sets the alarm again
    }
    long now = scheduler.nowNanos();
    while (!inFlight.isEmpty() && inFlight.firstDueNanos() <= now) {
      publish(inFlight.remove());
    }
    for (int i = 0; i < queues.length; i++) {
      if (queues[i] != null && queues[i].ring().shouldInterrupt()) {
        context.notifyUsed(i);
      }
    }
    resume();
    arm();
  }

  /**
   * Takes what had to wait for room, in turn: after the queue that filled the room the next one is
   * first, so that none waits for ever behind one that is always full.
   */
  private void resume() {
    if (!context.mayAccessMemory()) {
      return; // memoryGranted comes here again
    }
    int first = firstToResume;
    for (int i = 0; i < queues.length && bytesInFlight < MAX_BYTES_IN_FLIGHT; i++) {
      int index = (first + i) % queues.length;
      BlkQueue queue = queues[index];
      if (queue != null && queue.stalled() && !halted) {
        drain(queue);
        firstToResume = (index + 1) % queues.length;
      }
    }
  }

  @Override
  public void memoryGranted() {
    resume();
    arm();
  }

  private void publish(BlkRequest request) {
    DescriptorChain chain = request.chain();
    bytesInFlight -= request.dataBytes();
    boolean answered = chain.lastWritableAddress() != DescriptorChain.NO_ADDRESS;
    if (answered) {
      context.memory().putU8(chain.lastWritableAddress(), request.status());
    }
    request.queue().ring().push(chain, usedLength(request, answered));
  }

  /**
   * 2.7.8.2: bytes written from the first writable one on. The status comes last, so it counts only
   * if the data before it was written too.
   */
  private static long usedLength(BlkRequest request, boolean answered) {
    DescriptorChain chain = request.chain();
    if (!answered || !chain.isSound()) {
      return 0;
    }
    boolean whole = request.dataWritten() == chain.writableBytes() - 1;
    return whole ? chain.writableBytes() : request.dataWritten();
  }

  private void arm() {
    if (!inFlight.isEmpty() && inFlight.firstDueNanos() < armedFor) {
      armedFor = inFlight.firstDueNanos();
      alarm.set(armedFor);
    }
  }

  @Override
  public void queueReset(int index) {
    BlkQueue queue = queues[index];
    queues[index] = null;
    if (queue != null) {
      bytesInFlight -= inFlight.removeAllOf(queue);
      // An alarm that comes too early finds nothing due and is set anew.
      if (inFlight.isEmpty()) {
        alarm.clear();
        armedFor = NOT_ARMED;
      }
      // Other queues may have waited for the room, with nothing of theirs in flight to wake them.
      resume();
      arm();
    }
  }

  @Override
  public void reset() {
    alarm.clear();
    armedFor = NOT_ARMED;
    inFlight.clear();
    bytesInFlight = 0;
    firstToResume = 0;
    halted = false;
    parser = null;
    boolean writeback = config.writeback();
    config.reset();
    noteWriteback(writeback);
    pacer.reset();
    for (int i = 0; i < queues.length; i++) {
      queues[i] = null;
    }
  }
}
