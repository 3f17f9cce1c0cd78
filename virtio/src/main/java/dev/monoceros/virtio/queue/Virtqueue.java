package dev.monoceros.virtio.queue;

import dev.monoceros.virtio.memory.GuestMemory;
import java.util.Optional;

/**
 * The device's end of one virtqueue. Usage, in the order of 2.7.13 and 2.7.14:
 *
 * <pre>{@code
 * do {
 *   for (DescriptorChain c = queue.poll(); c != null; c = queue.poll()) { start(c); }
 * } while (queue.enableNotifications());
 * queue.fault().ifPresent(f -> ...needs reset...);
 * ...
 * queue.push(chain, bytesWritten);
 * if (queue.shouldInterrupt()) { ...notify the driver... }
 * }</pre>
 *
 * <p>At most {@link #size} chains are in flight and nothing is allocated once the chains have been
 * used a first time. One thread.
 */
public sealed interface Virtqueue permits SplitVirtqueue, PackedVirtqueue {

  /** Opens a split (2.7) or packed virtqueue (2.8) as the driver configured it. */
  static Virtqueue open(GuestMemory memory, QueueSetup setup) {
    return setup.packed() ? new PackedVirtqueue(memory, setup) : new SplitVirtqueue(memory, setup);
  }

  /** Number of this queue in its device. */
  int index();

  /** Number of descriptors the driver configured. */
  int size();

  /**
   * The next chain that the driver made available, in ring order, or null if there is none or the
   * queue has a {@link #fault}. The chain itself may be faulty and still has to be given back.
   */
  DescriptorChain poll();

  /**
   * Asks the driver to notify about the next chain it makes available.
   *
   * @return true if one became available meanwhile: poll again
   */
  boolean enableNotifications();

  /**
   * Gives a chain back as used: {@code written} bytes from its first writable byte on have been
   * written (2.7.8.2).
   *
   * @throws IllegalArgumentException if {@code written} exceeds the chain's writable bytes
   * @throws IllegalStateException if the chain is not in flight in this queue
   */
  void push(DescriptorChain chain, long written);

  /**
   * Whether the driver wants a notification for what was pushed since this method was last called
   * (2.7.7.2). Call it once per batch of pushes.
   */
  boolean shouldInterrupt();

  /** Number of chains taken and not yet given back, 0 to {@link #size}. */
  int inFlight();

  /** What made the queue unusable, if anything; it stays until the device is reset. */
  Optional<QueueFault> fault();
}
