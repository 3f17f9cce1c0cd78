package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.ImageFile;
import dev.monoceros.qcow.io.OrderedFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.function.LongConsumer;

/** A file that forgets what is written to it. */
final class NullFile implements ImageFile {
  private final String name;
  private final long size;
  private final boolean readZeroes;
  private final boolean saysZeroes;
  private final long latency;
  private final LongConsumer sleeper;

  /**
   * @param readZeroes reading gives zeros; otherwise it leaves the buffer as it is
   * @param saysZeroes its user may know that; QEMU tells only who asked for it
   * @param latency nanoseconds that each access takes
   */
  NullFile(
      String name,
      long size,
      boolean readZeroes,
      boolean saysZeroes,
      long latency,
      LongConsumer sleeper) {
    this.name = name;
    this.size = size;
    this.readZeroes = readZeroes;
    this.saysZeroes = saysZeroes;
    this.latency = latency;
    this.sleeper = sleeper;
  }

  private void access() {
    if (latency > 0) {
      sleeper.accept(latency);
    }
  }

  @Override
  public Path path() {
    return FileName.path(name);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public int read(ByteBuffer target, long position) {
    if (position >= size) {
      return target.hasRemaining() ? -1 : 0;
    }
    access();
    int length = (int) Math.min(target.remaining(), size - position);
    if (readZeroes) {
      OrderedFile.fillZero(target, length);
    } else {
      target.position(target.position() + length);
    }
    return length;
  }

  @Override
  public void write(ByteBuffer source, long position) throws IOException {
    if (position > size - source.remaining()) {
      throw new IOException("Input/output error");
    }
    access();
    source.position(source.limit());
  }

  @Override
  public void extend(long length) throws IOException {
    throw new IOException("Operation not supported");
  }

  /** Where reading is known to give zeros there is no data. */
  @Override
  public long nextData(long position) {
    return saysZeroes ? size : Math.min(position, size);
  }

  @Override
  public long nextHole(long position) {
    return saysZeroes ? Math.min(position, size) : size;
  }

  @Override
  public long allocatedBytes() {
    return 0;
  }

  @Override
  public boolean knowsHoles() {
    return true;
  }

  @Override
  public boolean punchHole(long position, long length) {
    access();
    return true;
  }

  @Override
  public boolean zeroRange(long position, long length) {
    access();
    return true;
  }

  @Override
  public boolean keepsNothing() {
    return true;
  }

  @Override
  public void requireResizable() throws ImageFault {
    throw ImageFault.unsupported(
        ImageFault.NO_OFFSET, "Image format driver does not support resize");
  }

  @Override
  public void truncate(long length) {}

  @Override
  public void force() {
    access();
  }

  @Override
  public void close() {}
}
