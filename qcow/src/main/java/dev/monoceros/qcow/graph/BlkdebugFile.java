package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.graph.BlkdebugRule.InjectError;
import dev.monoceros.qcow.graph.BlkdebugRule.IoType;
import dev.monoceros.qcow.graph.BlkdebugRule.SetState;
import dev.monoceros.qcow.io.BlockEvent;
import dev.monoceros.qcow.io.ImageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A file that fails accesses by rules: the driver {@code blkdebug}. */
final class BlkdebugFile extends ForwardingFile {
  private final String name;
  private final List<BlkdebugRule> rules;
  private final Optional<Breakpoints> breakpoints;

  /** Rules that an event has made hold, the latest first. */
  private final List<InjectError> active = new ArrayList<>();

  private long state = 1;

  /**
   * @param rules in the order of the configuration
   */
  BlkdebugFile(
      ImageFile file, String name, List<BlkdebugRule> rules, Optional<Breakpoints> breakpoints) {
    super(file);
    this.breakpoints = breakpoints;
    breakpoints.ifPresent(Breakpoints::serve);
    this.name = name;
    this.rules = new ArrayList<>(rules.reversed());
    happen(BlockEvent.NONE);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void event(BlockEvent event) {
    super.event(event);
    if (event != BlockEvent.NONE) {
      happen(event);
    }
  }

  private void happen(BlockEvent event) {
    long newState = state;
    boolean first = true;
    for (BlkdebugRule rule : rules) {
      if (rule.event() != event || (rule.state() != 0 && rule.state() != state)) {
        continue;
      }
      switch (rule) {
        case InjectError error -> {
          // Rules of an earlier event hold no longer.
          if (first) {
            active.clear();
            first = false;
          }
          active.addFirst(error);
        }
        case SetState change -> newState = change.newState();
      }
    }
    state = newState;
    breakpoints.ifPresent(b -> b.reached(event));
  }

  /** Fails the access if a rule says so. */
  private void access(IoType type, long position, long length) throws IOException {
    for (InjectError rule : active) {
      if (rule.hits(type, position, length)) {
        if (rule.errno() == 0) {
          return;
        }
        if (rule.once()) {
          active.remove(rule);
          rules.remove(rule);
        }
        throw new IOException(Errno.text(rule.errno()));
      }
    }
  }

  @Override
  public int read(ByteBuffer target, long position) throws IOException {
    access(IoType.READ, position, target.remaining());
    return super.read(target, position);
  }

  @Override
  public void write(ByteBuffer source, long position) throws IOException {
    event(BlockEvent.PWRITEV);
    access(IoType.WRITE, position, source.remaining());
    super.write(source, position);
    event(BlockEvent.PWRITEV_DONE);
  }

  @Override
  public boolean zeroRange(long position, long length) throws IOException {
    event(BlockEvent.PWRITEV_ZERO);
    access(IoType.WRITE_ZEROES, position, length);
    boolean done = super.zeroRange(position, length);
    event(BlockEvent.PWRITEV_DONE);
    return done;
  }

  @Override
  public boolean punchHole(long position, long length) throws IOException {
    access(IoType.DISCARD, position, length);
    return super.punchHole(position, length);
  }

  @Override
  public long nextData(long position) throws IOException {
    access(IoType.BLOCK_STATUS, position, 1);
    return super.nextData(position);
  }

  @Override
  public long nextHole(long position) throws IOException {
    access(IoType.BLOCK_STATUS, position, 1);
    return super.nextHole(position);
  }

  /** QEMU's driver does not say. */
  @Override
  public long allocatedBytes() {
    return -1;
  }

  @Override
  public void force() throws IOException {
    access(IoType.FLUSH, 0, 0);
    super.force();
  }
}
