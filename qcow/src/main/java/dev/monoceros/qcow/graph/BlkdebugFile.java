package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.graph.BlkdebugRule.InjectError;
import dev.monoceros.qcow.graph.BlkdebugRule.IoType;
import dev.monoceros.qcow.graph.BlkdebugRule.SetState;
import dev.monoceros.qcow.io.BlockEvent;
import dev.monoceros.qcow.io.ImageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A file that fails accesses by rules: the driver {@code blkdebug}. */
final class BlkdebugFile implements ImageFile {
  private final ImageFile file;
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
    this.file = file;
    this.breakpoints = breakpoints;
    breakpoints.ifPresent(Breakpoints::serve);
    this.name = name;
    this.rules = new ArrayList<>(rules.reversed());
    event(BlockEvent.NONE);
  }

  @Override
  public Path path() {
    return file.path();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void event(BlockEvent event) {
    file.event(event);
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
  public long size() throws IOException {
    return file.size();
  }

  @Override
  public int read(ByteBuffer target, long position) throws IOException {
    access(IoType.READ, position, target.remaining());
    return file.read(target, position);
  }

  @Override
  public void write(ByteBuffer source, long position) throws IOException {
    event(BlockEvent.PWRITEV);
    access(IoType.WRITE, position, source.remaining());
    file.write(source, position);
    event(BlockEvent.PWRITEV_DONE);
  }

  @Override
  public void truncate(long size) throws IOException {
    file.truncate(size);
  }

  @Override
  public void force() throws IOException {
    access(IoType.FLUSH, 0, 0);
    file.force();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
