package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.io.BlockEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Stops requests at events of the driver {@code blkdebug}: QEMU's {@code bdrv_debug_breakpoint} and
 * its companions. The thread that carries the request out stops in the middle of it, with the image
 * locked; another one lets it go on.
 *
 * <p>A breakpoint stops one request and is gone then.
 */
public final class Breakpoints {
  /** Told when requests stop and go on, on the thread that makes them do so. */
  public interface Listener {
    /**
     * A request is about to stop; as often as it is named here it has to be resumed.
     *
     * @return false if it must not stop, because nobody else could resume it
     */
    boolean suspended(List<String> tags);

    /**
     * A request was resumed.
     *
     * @param goesOn no other breakpoint holds it
     */
    void resumed(String tag, boolean goesOn);
  }

  private record Breakpoint(BlockEvent event, String tag) {}

  /** A stopped request; it goes on when no tag is left. */
  private record Stopped(List<String> tags) {}

  private final Listener listener;

  /** The latest first, as are the other lists. */
  private final List<Breakpoint> breakpoints = new ArrayList<>();

  private final List<Stopped> stopped = new ArrayList<>();
  private boolean served;

  public Breakpoints(Listener listener) {
    this.listener = listener;
  }

  /** A node of the graph tells its events. */
  synchronized void serve() {
    served = true;
  }

  /** True if the graph has a node that tells its events. */
  public synchronized boolean served() {
    return served;
  }

  /** True if a breakpoint may stop the next request. */
  public synchronized boolean armed() {
    return !breakpoints.isEmpty();
  }

  /**
   * Sets one.
   *
   * @param event by QEMU's name
   * @return false if there is no such event
   */
  public synchronized boolean set(String event, String tag) {
    Optional<BlockEvent> known = BlockEvent.of(event);
    known.ifPresent(e -> breakpoints.addFirst(new Breakpoint(e, tag)));
    return known.isPresent();
  }

  /**
   * Removes all of that tag, and resumes the requests that they stopped.
   *
   * @return false if there was no breakpoint left to remove
   */
  public synchronized boolean remove(String tag) {
    boolean removed = breakpoints.removeIf(breakpoint -> breakpoint.tag().equals(tag));
    while (resume(tag)) {
      // One after the other.
    }
    return removed;
  }

  /**
   * Resumes the latest request of that tag.
   *
   * @return false if there is none
   */
  public synchronized boolean resume(String tag) {
    for (Stopped request : stopped) {
      if (request.tags().remove(tag)) {
        boolean goesOn = request.tags().isEmpty();
        if (goesOn) {
          stopped.remove(request);
        }
        listener.resumed(tag, goesOn);
        notifyAll();
        return true;
      }
    }
    return false;
  }

  /** True if a request of that tag is stopped. */
  public synchronized boolean suspended(String tag) {
    return stopped.stream().anyMatch(request -> request.tags().contains(tag));
  }

  /** Removes all breakpoints and resumes all requests. */
  public synchronized void clear() {
    breakpoints.clear();
    while (!stopped.isEmpty()) {
      resume(stopped.getFirst().tags().getFirst());
    }
  }

  /** The same when the graph is closed: the next one may not tell its events. */
  public synchronized void reset() {
    clear();
    served = false;
  }

  /** Stops the caller if a breakpoint says so, until it is resumed or interrupted. */
  synchronized void reached(BlockEvent event) {
    List<String> tags = new ArrayList<>();
    for (Breakpoint breakpoint : breakpoints) {
      if (breakpoint.event() == event) {
        tags.add(breakpoint.tag());
      }
    }
    if (tags.isEmpty()) {
      return;
    }
    breakpoints.removeIf(breakpoint -> breakpoint.event() == event);
    if (!listener.suspended(List.copyOf(tags))) {
      return;
    }
    Stopped request = new Stopped(tags);
    stopped.addFirst(request);
    try {
      while (!request.tags().isEmpty()) {
        wait();
      }
    } catch (InterruptedException e) {
      stopped.remove(request);
      Thread.currentThread().interrupt();
    }
  }
}
