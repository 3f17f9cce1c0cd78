package dev.monoceros.qcow;

import dev.monoceros.qcow.bitmap.BitmapBits;
import dev.monoceros.qcow.bitmap.BitmapEntry;
import java.util.List;
import java.util.Objects;

/** The bitmaps of a QCOW2 image. */
record Qcow2Bitmaps(Qcow2Image image) implements Bitmaps {
  @Override
  public List<Bitmap> list() throws ImageException {
    return image.locked(Operation.BITMAP, image::bitmapList);
  }

  @Override
  public void add(String name, long granularity, boolean enabled) throws ImageException {
    edit(editor -> editor.add(name, granularity, enabled));
  }

  @Override
  public void remove(String name) throws ImageException {
    edit(editor -> editor.remove(name));
  }

  @Override
  public void clear(String name) throws ImageException {
    edit(editor -> editor.clear(name));
  }

  @Override
  public void enable(String name) throws ImageException {
    edit(editor -> editor.enable(name, true));
  }

  @Override
  public void disable(String name) throws ImageException {
    edit(editor -> editor.enable(name, false));
  }

  /** The source is read before this image is locked, so two images cannot wait for each other. */
  @Override
  public void merge(String name, DiskImage source, String sourceName) throws ImageException {
    BitmapBits bits = bits(source, sourceName);
    edit(editor -> editor.merge(name, bits));
  }

  private static BitmapBits bits(DiskImage source, String name) throws ImageException {
    if (source instanceof Qcow2Image other) {
      return other.locked(Operation.BITMAP, () -> other.bitmapBits(name).copy());
    }
    Bitmap bitmap = null;
    for (Bitmap b : source.bitmaps().list()) {
      bitmap = b.name().equals(name) ? b : bitmap;
    }
    if (bitmap == null) {
      // Says what this kind of image says of a bitmap that is not there.
      source.bitmaps().test(name, 0);
      throw new IllegalStateException("bitmap " + name + " came out of nowhere");
    }
    BitmapBits bits = BitmapBits.ofDisk(bitmap.granularity(), source.size());
    for (long at = 0; at < source.size(); at += bitmap.granularity()) {
      if (source.bitmaps().test(name, at)) {
        bits.set(at, 1);
      }
    }
    return bits;
  }

  @Override
  public boolean test(String name, long offset) throws ImageException {
    Objects.checkIndex(offset, image.size());
    return image.locked(Operation.BITMAP, () -> image.bitmapBits(name).get(offset));
  }

  private void edit(Qcow2Image.BitmapEdit edit) throws ImageException {
    image.changing(Operation.BITMAP, () -> image.editBitmaps(edit));
  }

  static Bitmap describe(BitmapEntry entry) {
    long granularity = 1L << entry.granularityBits();
    return new Bitmap(entry.name(), granularity, entry.inUse(), entry.auto());
  }
}
