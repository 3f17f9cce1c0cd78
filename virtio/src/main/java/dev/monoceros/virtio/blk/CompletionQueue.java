package dev.monoceros.virtio.blk;

import java.util.Arrays;

/**
 * Requests that wait for the virtual time of their completion: a binary heap by due time and, for
 * equal times, by submission, so the order depends on nothing else. Never larger than the queues
 * together.
 */
final class CompletionQueue {
  private static final int FIRST_CAPACITY = 64;

  private BlkRequest[] heap = new BlkRequest[FIRST_CAPACITY];
  private int size;
  private long sequence;

  boolean isEmpty() {
    return size == 0;
  }

  /** Due time of the first request; the queue is not empty. */
  long firstDueNanos() {
    return heap[0].dueNanos();
  }

  void add(BlkRequest request, long dueNanos) {
    request.setDue(dueNanos, sequence++);
    insert(request);
  }

  private void insert(BlkRequest request) {
    if (size == heap.length) {
      heap = Arrays.copyOf(heap, 2 * size);
    }
    int hole = size++;
    while (hole > 0 && request.isDueBefore(heap[(hole - 1) / 2])) {
      heap[hole] = heap[(hole - 1) / 2];
      hole = (hole - 1) / 2;
    }
    heap[hole] = request;
  }

  /** Takes the first request out; the queue is not empty. */
  BlkRequest remove() {
    BlkRequest first = heap[0];
    BlkRequest moved = heap[--size];
    heap[size] = null;
    if (size > 0) {
      heap[sink(moved)] = moved;
    }
    return first;
  }

  /** Moves the hole at the top down to where {@code moved} belongs. */
  private int sink(BlkRequest moved) {
    int hole = 0;
    for (int child = 1; child < size; child = 2 * hole + 1) {
      if (child + 1 < size && heap[child + 1].isDueBefore(heap[child])) {
        child++;
      }
      if (!heap[child].isDueBefore(moved)) {
        break;
      }
      heap[hole] = heap[child];
      hole = child;
    }
    return hole;
  }

  /**
   * Takes all requests of {@code queue} out; the others keep their times and order.
   *
   * @return how many bytes of data they had
   */
  long removeAllOf(BlkQueue queue) {
    BlkRequest[] old = Arrays.copyOf(heap, size);
    clear();
    long bytes = 0;
    for (BlkRequest request : old) {
      if (request.queue() == queue) {
        bytes += request.dataBytes();
      } else {
        insert(request);
      }
    }
    return bytes;
  }

  void clear() {
    Arrays.fill(heap, 0, size, null);
    size = 0;
  }
}
