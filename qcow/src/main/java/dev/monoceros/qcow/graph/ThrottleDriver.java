package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.graph.OptionReader.Type;
import dev.monoceros.qcow.io.ImageFault;
import java.nio.ByteBuffer;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/** The driver {@code throttle}. */
final class ThrottleDriver {
  private static final String GROUP = "throttle-group";

  private ThrottleDriver() {}

  static Node open(NodeParts parts, CommonOptions common) throws ImageFault {
    Node below = parts.requireFile();
    OptionReader reader =
        OptionReader.absorb(parts.options(), OptionReader.known(Type.TEXT, GROUP));
    String id =
        reader.text(GROUP).orElseThrow(() -> GraphFault.bad("Please specify a throttle group"));
    GraphOptions graph = parts.opener().graph();
    ThrottleGroup group =
        graph.throttleGroups().stream()
            .filter(g -> g.id().equals(id))
            .findFirst()
            .orElseThrow(() -> GraphFault.bad("Throttle group '" + id + "' does not exist"));
    NodeName names = parts.nameOver(GROUP);
    DiskImage image = below.asImage(FormatOptions.ofOthers(parts.opener().options()));
    return new Node(
        names,
        new Node.Body.OfImage(
            new ThrottledImage(image, names, group, graph.clock(), graph.sleeper())));
  }

  /** Lets accesses through no faster than its group allows. */
  private static final class ThrottledImage extends FilterImage {
    private final ThrottleGroup group;
    private final LongSupplier clock;
    private final LongConsumer sleeper;

    ThrottledImage(
        DiskImage image,
        NodeName names,
        ThrottleGroup group,
        LongSupplier clock,
        LongConsumer sleeper) {
      super(image, names);
      this.group = group;
      this.clock = clock;
      this.sleeper = sleeper;
    }

    @Override
    public void read(long offset, ByteBuffer target) throws ImageException {
      group.admit(false, target.remaining(), clock, sleeper);
      super.read(offset, target);
    }

    @Override
    public void write(long offset, ByteBuffer source) throws ImageException {
      group.admit(true, source.remaining(), clock, sleeper);
      super.write(offset, source);
    }

    @Override
    public void writeZeroes(long offset, long length, boolean mayUnmap) throws ImageException {
      group.admit(true, length, clock, sleeper);
      super.writeZeroes(offset, length, mayUnmap);
    }

    @Override
    public void discard(long offset, long length) throws ImageException {
      group.admit(true, length, clock, sleeper);
      super.discard(offset, length);
    }

    @Override
    public void writePrecompressed(long offset, ByteBuffer packed) throws ImageException {
      group.admit(true, packed.remaining(), clock, sleeper);
      super.writePrecompressed(offset, packed);
    }

    @Override
    public void writeCompressed(long offset, ByteBuffer source) throws ImageException {
      group.admit(true, source.remaining(), clock, sleeper);
      super.writeCompressed(offset, source);
    }
  }
}
