package dev.monoceros.qcow;

import java.util.List;

/** Of an image whose format has none. */
record NoBitmaps(BaseImage image) implements Bitmaps {
  @Override
  public List<Bitmap> list() {
    return List.of();
  }

  @Override
  public void add(String name, long granularity, boolean enabled) throws ImageException {
    throw refusal();
  }

  @Override
  public void remove(String name) throws ImageException {
    throw refusal();
  }

  @Override
  public void clear(String name) throws ImageException {
    throw refusal();
  }

  @Override
  public void enable(String name) throws ImageException {
    throw refusal();
  }

  @Override
  public void disable(String name) throws ImageException {
    throw refusal();
  }

  @Override
  public void merge(String name, DiskImage source, String sourceName) throws ImageException {
    throw refusal();
  }

  @Override
  public boolean test(String name, long offset) throws ImageException {
    throw refusal();
  }

  private ImageException refusal() {
    return ImageException.of(
        image.path(), Operation.BITMAP, image.unsupported("persistent bitmaps"));
  }
}
