package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.io.ImageFile;

/** A file under the name that the user wrote, which a path would tidy up. */
final class NamedFile extends ForwardingFile {
  private final String name;

  private NamedFile(ImageFile file, String name) {
    super(file);
    this.name = name;
  }

  /** The file itself if its path is the name already. */
  static ImageFile of(ImageFile file, String name) {
    return file.name().equals(name) ? file : new NamedFile(file, name);
  }

  @Override
  public String name() {
    return name;
  }
}
