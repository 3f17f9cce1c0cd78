package dev.monoceros.qcow;

import dev.monoceros.qcow.admin.ImageRewrite;
import dev.monoceros.qcow.admin.Resize;
import dev.monoceros.qcow.bitmap.BitmapEditor;
import dev.monoceros.qcow.format.Features;
import dev.monoceros.qcow.format.Header;
import dev.monoceros.qcow.io.BlockEvent;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;
import java.util.List;
import java.util.Optional;

/** What is done to a QCOW2 image as a whole, and what it says of itself. */
final class Qcow2Admin {
  private final Qcow2Image image;

  Qcow2Admin(Qcow2Image image) {
    this.image = image;
  }

  /** The last cluster of the disk as it is reads as zero beyond its end. */
  void resize(long newSize, Preallocation mode) throws ImageFault {
    long old = image.size();
    BaseImage below = image.base();
    boolean hideBelow =
        newSize > old
            && image.header().names().backing().isPresent()
            && (below == null || below.size() > old);
    OrderedFile data = image.files().data();
    long end = image.files().image().size();
    // As QEMU does, raw or not: the data file is as long as the disk.
    boolean external = image.files().external();
    if (external && newSize > old) {
      data.extendTo(newSize);
      data.barrier();
    }
    changeSize(newSize, hideBelow, mode);
    if (newSize < old) {
      // What was written anew lies at the end of the file; there is room before it now.
      compact(end);
      if (external) {
        data.cutTo(newSize);
      }
    }
  }

  void preallocate(Preallocation mode) throws ImageFault {
    changeSize(image.size(), false, mode);
  }

  private void changeSize(long newSize, boolean hideBelow, Preallocation mode) throws ImageFault {
    OrderedFile data = image.files().data();
    image.storeBitmaps();
    image.rewrite(
        rewrite -> {
          new BitmapEditor(rewrite).resize(newSize);
          Resize resize = new Resize(rewrite);
          resize.to(newSize, hideBelow, mode != Preallocation.OFF);
          if (image.files().external() && mode != Preallocation.OFF) {
            // As QEMU does: the last cluster is there as a whole.
            data.extendTo(rewrite.geometry().roundUp(newSize));
          }
          for (Resize.Extent extent : resize.allocated()) {
            Reserve.on(data, extent.offset(), extent.length(), mode);
          }
          data.barrier();
        });
  }

  /** Moves tables to the front of the file and cuts off what is free at its end. */
  private void compact(long limit) throws ImageFault {
    image.changeWhole(() -> ImageRewrite.compact(image.files().image(), limit, image.punches()));
  }

  void makeEmpty() throws ImageFault {
    if (image.header().rawExternalData()) {
      image.zeroAt(0, image.size(), true);
      return;
    }
    image.files().image().event(BlockEvent.EMPTY_IMAGE_PREPARE);
    image.rewrite(ImageRewrite::empty);
    OrderedFile data = image.files().data();
    if (image.files().external() && image.punches()) {
      // No snapshot can use it, and the image on disk points at none of it any more.
      data.punchHole(0, data.size());
    }
    compact(0);
  }

  void changeBacking(Optional<BackingReference> reference) throws ImageFault {
    image.changeHeader(
        draft ->
            draft.backing(
                reference.map(BackingReference::name).orElse(""),
                reference.flatMap(BackingReference::format)));
    if (reference.isPresent()) {
      image.nameBacking();
    }
  }

  void amend(AmendOptions changes, Progress progress) throws ImageFault {
    new Qcow2Amend(image, changes, progress).run();
  }

  ImageInfo info() throws ImageFault {
    Header header = image.header();
    long size = image.size();
    List<Snapshot> snapshots =
        image.snapshotTable().entries().stream()
            .map(entry -> Qcow2Snapshots.describe(entry, size))
            .toList();
    return new ImageInfo(
        image.path().toString(),
        ImageFormat.QCOW2,
        size,
        image.files().image().allocatedBytes(),
        image.files().image().size(),
        image.clusterSize(),
        false,
        header.dirty(),
        Qcow2Image.backingReference(header),
        header.names().backing().map(name -> image.path().resolveSibling(name).toString()),
        snapshots,
        Optional.of(
            new ImageInfo.Qcow2(
                header.version(),
                Qcow2Image.compressionType(header),
                (header.compatible() & Features.COMPATIBLE_LAZY_REFCOUNTS) != 0,
                1 << header.geometry().refcountOrder(),
                header.corrupt(),
                header.geometry().extendedL2(),
                header.names().dataFile(),
                header.rawExternalData(),
                Optional.empty(),
                image.bitmapList())));
  }
}
