package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.io.BlockEvent;
import dev.monoceros.qcow.io.ImageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** A file that hands everything on to another one. */
abstract class ForwardingFile implements ImageFile {
  private final ImageFile file;

  ForwardingFile(ImageFile file) {
    this.file = file;
  }

  final ImageFile file() {
    return file;
  }

  @Override
  public Path path() {
    return file.path();
  }

  @Override
  public String name() {
    return file.name();
  }

  @Override
  public void event(BlockEvent event) {
    file.event(event);
  }

  @Override
  public long size() throws IOException {
    return file.size();
  }

  @Override
  public int read(ByteBuffer target, long position) throws IOException {
    return file.read(target, position);
  }

  @Override
  public void write(ByteBuffer source, long position) throws IOException {
    file.write(source, position);
  }

  @Override
  public void extend(long size) throws IOException {
    file.extend(size);
  }

  @Override
  public boolean punchHole(long position, long length) throws IOException {
    return file.punchHole(position, length);
  }

  @Override
  public boolean zeroRange(long position, long length) throws IOException {
    return file.zeroRange(position, length);
  }

  @Override
  public boolean allocate(long position, long length) throws IOException {
    return file.allocate(position, length);
  }

  @Override
  public long nextData(long position) throws IOException {
    return file.nextData(position);
  }

  @Override
  public long nextHole(long position) throws IOException {
    return file.nextHole(position);
  }

  @Override
  public long allocatedBytes() throws IOException {
    return file.allocatedBytes();
  }

  @Override
  public boolean knowsHoles() {
    return file.knowsHoles();
  }

  @Override
  public boolean keepsNothing() {
    return file.keepsNothing();
  }

  @Override
  public void requireResizable() throws IOException {
    file.requireResizable();
  }

  @Override
  public void truncate(long size) throws IOException {
    file.truncate(size);
  }

  @Override
  public void force() throws IOException {
    file.force();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
