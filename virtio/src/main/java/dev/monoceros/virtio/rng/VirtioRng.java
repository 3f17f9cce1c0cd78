package dev.monoceros.virtio.rng;

import dev.monoceros.virtio.device.CompletionScheduler;
import dev.monoceros.virtio.device.DeviceContext;
import dev.monoceros.virtio.device.Features;
import dev.monoceros.virtio.device.VirtioDevice;
import dev.monoceros.virtio.memory.GuestBuffers;
import dev.monoceros.virtio.queue.DescriptorChain;
import dev.monoceros.virtio.queue.QueueFault;
import dev.monoceros.virtio.queue.Virtqueue;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * The virtio entropy device (5.4): one queue, whose buffers it fills. It has neither features nor a
 * configuration space of its own.
 *
 * <p>A buffer is filled and given back {@value #LATENCY} ns of virtual time after it was taken, so
 * that what a guest gets when depends on the guest alone. It gets at most {@value #MOST_BYTES}
 * bytes at once, however large it is: "one or more random bytes" (5.4.6.2).
 */
public final class VirtioRng implements VirtioDevice {
  static final int MOST_BYTES = 4096;
  static final long LATENCY = 10_000;

  private static final int DEVICE_ID = 4;
  private static final int REQUEST_QUEUE = 0;
  private static final int QUEUE_SIZE = 64;

  private final RngBackend backend;
  private final CompletionScheduler scheduler;
  private final CompletionScheduler.Alarm alarm;
  private final Deque<DescriptorChain> taken = new ArrayDeque<>(); // at most one per descriptor
  private DeviceContext context;
  private GuestBuffers target;
  private Virtqueue ring;
  private boolean halted;
  private boolean overdue;

  /** A device in its state after reset. */
  public VirtioRng(RngBackend backend, CompletionScheduler scheduler) {
    this.backend = backend;
    this.scheduler = scheduler;
    this.alarm = scheduler.newAlarm(this::answer);
  }

  @Override
  public int deviceId() {
    return DEVICE_ID;
  }

  @Override
  public long offeredFeatures() {
    return Features.VERSION_1 | Features.INDIRECT_DESC | Features.EVENT_IDX | Features.RING_RESET;
  }

  @Override
  public int queueCount() {
    return 1;
  }

  @Override
  public int maxQueueSize(int index) {
    return QUEUE_SIZE;
  }

  @Override
  public int maxChainLength() {
    return QUEUE_SIZE;
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
    target = new GuestBuffers(newContext.memory());
  }

  @Override
  public void activate() {
    // Nothing depends on the features.
  }

  @Override
  public void queueNotified(int index) {
    ring = context.queue(index);
    take();
  }

  private void take() {
    boolean idle = taken.isEmpty();
    do {
      for (DescriptorChain chain = ring.poll(); chain != null; chain = ring.poll()) {
        taken.add(chain);
      }
    } while (ring.enableNotifications());
    Optional<QueueFault> fault = ring.fault();
    if (fault.isPresent() && !halted) {
      halted = true;
      context.needsReset("queue " + ring.index() + ": " + fault.get().sentence());
    }
    if (idle && !taken.isEmpty()) {
      alarm.set(scheduler.nowNanos() + LATENCY);
    }
  }

  /** The alarm: fills what was taken, gives it back and notifies. */
  private void answer() {
    overdue = !context.mayAccessMemory();
    if (overdue) {
      return; // memoryGranted sets the alarm again
    }
    while (!taken.isEmpty()) {
      DescriptorChain chain = taken.remove();
      ring.push(chain, fill(chain));
    }
    if (ring.shouldInterrupt()) {
      context.notifyUsed(REQUEST_QUEUE);
    }
  }

  @Override
  public void memoryGranted() {
    if (overdue) {
      alarm.set(scheduler.nowNanos());
    }
  }

  /**
   * How many bytes were written. Device-readable buffers, which no driver may place here (5.4.6.1),
   * are passed over; a chain that cannot be followed comes back empty.
   */
  private long fill(DescriptorChain chain) {
    if (!chain.isSound()) {
      return 0;
    }
    long length = Math.min(chain.writableBytes(), MOST_BYTES);
    target.clear();
    chain.addWritable(0, length, target);
    for (int i = 0; i < target.count(); i++) {
      backend.fill(target.slice(i));
    }
    target.written();
    return length;
  }

  @Override
  public void queueReset(int index) {
    forget();
  }

  @Override
  public void reset() {
    forget();
    halted = false;
  }

  private void forget() {
    alarm.clear();
    taken.clear();
    overdue = false;
    ring = null;
  }
}
