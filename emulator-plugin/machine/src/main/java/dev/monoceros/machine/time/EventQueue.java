package dev.monoceros.machine.time;

import java.util.Arrays;
import java.util.Objects;

/**
 * What happens when: events in strict order of virtual time, and among equals in the order in which
 * they were armed. Belongs to the vCPU thread.
 *
 * <p>A binary heap whose entries know their place, so that arming, moving and cancelling cost O(log
 * n) and allocate nothing once the event exists.
 */
public final class EventQueue {
  private final VirtualClock clock;
  private Event[] heap = new Event[32];
  private int size;
  private long nextSequence;
  private Runnable earlierDeadline = () -> {};

  /** An empty queue on {@code clock}. */
  public EventQueue(VirtualClock clock) {
    this.clock = Objects.requireNonNull(clock);
  }

  /** The clock whose time decides what is due. */
  public VirtualClock clock() {
    return clock;
  }

  /** Makes an event that is not armed yet; see {@link #arm}. */
  public Event create(Runnable action) {
    return new Event(this, Objects.requireNonNull(action));
  }

  /**
   * Makes an event and arms it.
   *
   * @param atNanos ns of virtual time since power-on; a time already past is due at the next {@link
   *     #runDue}
   */
  public Event schedule(long atNanos, Runnable action) {
    Event event = create(action);
    arm(event, atNanos);
    return event;
  }

  /**
   * Arms {@code event} for {@code atNanos}, moving it if it was armed already; it then counts as
   * the latest armed among its equals.
   */
  public void arm(Event event, long atNanos) {
    requireOwn(event);
    long before = nextDeadline();
    event.at = atNanos;
    event.sequence = nextSequence++;
    if (event.isArmed()) {
      siftUp(event.heapIndex);
      siftDown(event.heapIndex);
    } else {
      if (size == heap.length) {
        heap = Arrays.copyOf(heap, size * 2);
      }
      place(event, size++);
      siftUp(event.heapIndex);
    }
    if (nextDeadline() < before) {
      earlierDeadline.run();
    }
  }

  /** Takes {@code event} out of the queue; does nothing if it is not in it. */
  public void cancel(Event event) {
    requireOwn(event);
    if (!event.isArmed()) {
      return;
    }
    int hole = event.heapIndex;
    event.heapIndex = Event.NOT_QUEUED;
    Event last = heap[--size];
    heap[size] = null;
    if (last != event) {
      place(last, hole);
      siftUp(last.heapIndex);
      siftDown(last.heapIndex);
    }
  }

  /**
   * The time of the first event.
   *
   * @return ns of virtual time, or {@link Long#MAX_VALUE} if the queue is empty
   */
  public long nextDeadline() {
    return size == 0 ? Long.MAX_VALUE : heap[0].at;
  }

  /**
   * Runs every event whose time has come, including those that these events arm for a time that has
   * come.
   */
  public void runDue() {
    while (size > 0 && heap[0].at <= clock.now()) {
      Event first = heap[0];
      cancel(first);
      first.action.run();
    }
  }

  /**
   * Sets the one listener that is told whenever {@link #nextDeadline} has become earlier: the CPU
   * loop, which then shortens its budget.
   */
  public void onEarlierDeadline(Runnable listener) {
    earlierDeadline = Objects.requireNonNull(listener);
  }

  private void requireOwn(Event event) {
    if (event.owner != this) {
      throw new IllegalArgumentException("the event belongs to another queue");
    }
  }

  private void place(Event event, int index) {
    heap[index] = event;
    event.heapIndex = index;
  }

  private void siftUp(int index) {
    Event event = heap[index];
    int child = index;
    while (child > 0) {
      int parent = (child - 1) >>> 1;
      if (!event.isBefore(heap[parent])) {
        break;
      }
      place(heap[parent], child);
      child = parent;
    }
    place(event, child);
  }

  private void siftDown(int index) {
    Event event = heap[index];
    int parent = index;
    for (int child = 2 * parent + 1; child < size; child = 2 * parent + 1) {
      if (child + 1 < size && heap[child + 1].isBefore(heap[child])) {
        child++;
      }
      if (!heap[child].isBefore(event)) {
        break;
      }
      place(heap[child], parent);
      parent = child;
    }
    place(event, parent);
  }
}
