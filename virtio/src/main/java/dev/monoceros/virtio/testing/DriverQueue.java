package dev.monoceros.virtio.testing;

import java.util.List;

/** The driver's end of a virtqueue, split or packed: what a careful driver does. */
public interface DriverQueue {
  /** Number of the queue. */
  int index();

  /** Number of descriptors. */
  int size();

  /** Builds a chain of the buffers and returns what it is known by; offers nothing. */
  int chain(List<DriverBuffer> buffers);

  /** The same with all buffers in an indirect table. */
  int indirectChain(List<DriverBuffer> buffers);

  /** Makes a chain available; does not notify. */
  void offer(int id);

  /** Notifies the device if it asks for it; whether it did. */
  boolean kickIfWanted();

  /** Offers a chain and notifies whether the device asks for it or not. */
  void submit(int id);

  /** Whether the device has given back a chain that was not yet taken. */
  boolean hasUsed();

  /**
   * Takes the next used chain, frees its descriptors and returns what it is known by; {@link
   * #usedLength} is then its length.
   *
   * @throws IllegalStateException if there is none or the driver did not offer that one
   */
  int takeUsed();

  /** Length of the chain that {@link #takeUsed} returned last, in bytes. */
  long usedLength();

  /** Descriptors that no chain holds. */
  int freeDescriptors();
}
