package dev.monoceros.qcow.bitmap;

import dev.monoceros.qcow.format.Header;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Keeps the enabled bitmaps right while the disk is written. From the first write on their bits are
 * in memory and the file calls them "in use", that is not to be trusted: a cut loses them, but
 * never passes old bits off as current ones. They are stored when the image is closed and before
 * anybody looks at them.
 */
public final class BitmapTracker {
  /** Bits in memory for the bitmap of that name. */
  private record Tracked(String name, BitmapBits bits) {}

  private final OrderedFile file;
  private final List<Tracked> tracked = new ArrayList<>();
  private boolean active;

  public BitmapTracker(OrderedFile file) {
    this.file = file;
  }

  /**
   * Call before a range of the disk changes.
   *
   * @return false if the image's bitmaps cannot be kept, so that its autoclear bit must go
   */
  public boolean beforeChange(Header header, long offset, long length) throws ImageFault {
    if (!active && !start(header)) {
      return false;
    }
    for (Tracked t : tracked) {
      t.bits.set(offset, length);
    }
    return true;
  }

  private boolean start(Header header) throws ImageFault {
    BitmapDirectory directory;
    try {
      directory = BitmapDirectory.read(file, header);
    } catch (ImageFault e) {
      if (e.kind() == ErrorKind.CORRUPT || e.kind() == ErrorKind.UNSUPPORTED) {
        return false;
      }
      throw e;
    }
    if (tracked.isEmpty()) {
      for (BitmapEntry entry : directory.entries()) {
        if (entry.auto() && !entry.inUse()) {
          track(header, entry);
        }
      }
    }
    mark(directory);
    // Marked on disk before any of the disk's data changes.
    file.barrier();
    active = true;
    return true;
  }

  private void mark(BitmapDirectory directory) throws ImageFault {
    for (int i = 0; i < directory.entries().size(); i++) {
      BitmapEntry entry = directory.entries().get(i);
      if (entry.auto() && !entry.inUse()) {
        ByteBuffer flags = ByteBuffer.allocate(Integer.BYTES);
        file.write(flags.putInt(0, entry.flags() | BitmapEntry.IN_USE), directory.flagsOffset(i));
      }
    }
  }

  /** A bitmap that cannot be read will stay marked, as one that was not saved. */
  private void track(Header header, BitmapEntry entry) throws ImageFault {
    try {
      tracked.add(new Tracked(entry.name(), BitmapEditor.read(file, header, entry)));
    } catch (ImageFault e) {
      if (e.kind() != ErrorKind.CORRUPT) {
        throw e;
      }
    }
  }

  /** True if bits in memory differ from the file. */
  public boolean dirty() {
    return active && !tracked.isEmpty();
  }

  /** Stores what is in memory; call {@link #stored} when that is on disk. */
  public void save(BitmapEditor editor) throws ImageFault {
    for (Tracked t : tracked) {
      editor.save(t.name, t.bits);
    }
    editor.store();
  }

  /** The file holds all bits and calls them good; the next change starts anew. */
  public void stored() {
    tracked.clear();
    active = false;
  }

  /** Bits of a bitmap that is being tracked. */
  public Optional<BitmapBits> bits(String name) {
    return tracked.stream().filter(t -> t.name.equals(name)).map(Tracked::bits).findFirst();
  }
}
