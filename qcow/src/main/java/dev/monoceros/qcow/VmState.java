package dev.monoceros.qcow;

import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.Header;
import dev.monoceros.qcow.format.Limits;
import dev.monoceros.qcow.format.TableEntry;
import dev.monoceros.qcow.io.BlockEvent;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Machine state, which an image keeps where its disk would go on: from the first offset that no L1
 * entry of the disk maps, section "Snapshots".
 */
final class VmState {
  private final Qcow2Image image;

  VmState(Qcow2Image image) {
    this.image = image;
  }

  /** Where it starts, as an offset of the disk. */
  static long start(Header header) {
    Geometry geometry = header.geometry();
    return Math.multiplyExact(geometry.l1EntriesFor(header.size()), geometry.bytesPerL1Entry());
  }

  /** Fills {@code target}; what was never written is zero, whatever is below the image. */
  void read(long offset, ByteBuffer target) throws ImageFault {
    requirePlace();
    image.files().image().event(BlockEvent.VMSTATE_LOAD);
    Header header = image.header();
    int limit = target.limit();
    long at = place(offset, target.remaining());
    long mapped = Math.multiplyExact(header.l1Entries(), header.geometry().bytesPerL1Entry());
    while (target.position() < limit && at < mapped) {
      Extent own = image.extentAt(at, Math.min(limit - target.position(), mapped - at));
      target.limit(target.position() + (int) own.length());
      if (own.allocated()) {
        image.readAt(at, target);
      } else {
        OrderedFile.fillZero(target, target.remaining());
      }
      target.limit(limit);
      at = own.end();
    }
    OrderedFile.fillZero(target, target.remaining());
  }

  /** Writes {@code source}, after the L1 table has been made long enough for it. */
  void write(long offset, ByteBuffer source) throws ImageFault {
    requirePlace();
    image.files().image().event(BlockEvent.VMSTATE_SAVE);
    long at = place(offset, source.remaining());
    long needed = image.header().geometry().l1EntriesFor(at + source.remaining());
    if (needed > image.header().l1Entries()) {
      if (needed * TableEntry.BYTES > Limits.L1_BYTES) {
        throw tooLarge();
      }
      image.rewrite(rewrite -> rewrite.replaceL1(Arrays.copyOf(rewrite.activeL1(), (int) needed)));
    }
    image.writeAt(at, source);
  }

  private void requirePlace() throws ImageFault {
    if (image.header().externalData()) {
      throw ImageFault.unsupported(
          ImageFault.NO_OFFSET, "has an external data file, which holds no machine state");
    }
  }

  private long place(long offset, long length) throws ImageFault {
    try {
      long at = Math.addExact(start(image.header()), offset);
      Math.addExact(at, length);
      return at;
    } catch (ArithmeticException e) {
      throw tooLarge();
    }
  }

  private static ImageFault tooLarge() {
    return new ImageFault(
        ErrorKind.NO_SPACE, ImageFault.NO_OFFSET, "machine state does not fit there");
  }
}
