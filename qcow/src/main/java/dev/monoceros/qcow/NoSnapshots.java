package dev.monoceros.qcow;

import java.util.List;

/** Of an image whose format has none. */
record NoSnapshots(BaseImage image) implements Snapshots {
  @Override
  public List<Snapshot> list() {
    return List.of();
  }

  @Override
  public Snapshot create(String name, long seconds, int nanoseconds) throws ImageException {
    throw refusal();
  }

  @Override
  public void apply(String idOrName) throws ImageException {
    throw refusal();
  }

  @Override
  public void delete(String idOrName) throws ImageException {
    throw refusal();
  }

  private ImageException refusal() {
    return ImageException.of(
        image.path(), Operation.SNAPSHOT, image.unsupported("internal snapshots"));
  }
}
