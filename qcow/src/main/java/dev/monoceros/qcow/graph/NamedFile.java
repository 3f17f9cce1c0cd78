package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.io.BlockEvent;
import dev.monoceros.qcow.io.ImageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** A file under the name that the user wrote, which a path would tidy up. */
final class NamedFile implements ImageFile {
  private final ImageFile file;
  private final String name;

  private NamedFile(ImageFile file, String name) {
    this.file = file;
    this.name = name;
  }

  /** The file itself if its path is the name already. */
  static ImageFile of(ImageFile file, String name) {
    return file.name().equals(name) ? file : new NamedFile(file, name);
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
