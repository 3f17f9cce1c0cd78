package dev.monoceros.qcow;

import dev.monoceros.qcow.admin.ImageRewrite;
import dev.monoceros.qcow.bitmap.BitmapEditor;
import dev.monoceros.qcow.format.Features;
import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.Header;
import dev.monoceros.qcow.format.HeaderField;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.snapshot.SnapshotEditor;
import dev.monoceros.qcow.snapshot.SnapshotEntry;

/**
 * Changes format options, in QEMU's order: version up, refcount width, flags, size, version down.
 * Each step is whole or not at all; what QEMU refuses is refused in its words before the first.
 */
final class Qcow2Amend {
  private static final int STEPS = 5;
  private static final long MAX_VM_STATE_VERSION2 = 0xffff_ffffL;

  private final Qcow2Image image;
  private final AmendOptions changes;
  private final Progress progress;
  private int done;

  Qcow2Amend(Qcow2Image image, AmendOptions changes, Progress progress) {
    this.image = image;
    this.changes = changes;
    this.progress = progress;
  }

  void run() throws ImageFault {
    Header header = image.header();
    int version = changes.version().orElse(header.version());
    check(header, version);
    if (version > header.version()) {
      image.rewrite(Qcow2Amend::upgrade);
    }
    step();
    changeRefcountBits();
    step();
    changeHeader();
    step();
    if (changes.size().isPresent() && changes.size().get() != image.size()) {
      image.resizeTo(changes.size().get(), Preallocation.OFF);
    }
    step();
    if (version < image.header().version()) {
      downgrade();
    }
    step();
  }

  private void step() {
    progress.at(++done, STEPS);
  }

  private void check(Header header, int version) throws ImageFault {
    CreateChecks.require(version == 2 || version == 3, "the QCOW2 version must be 2 or 3");
    if (changes.backing().isPresent()) {
      BackingReference wanted = changes.backing().get();
      BackingReference current =
          Qcow2Image.backingReference(header).orElse(new BackingReference("", wanted.format()));
      CreateChecks.require(
          wanted.name().equals(current.name())
              && (wanted.format().isEmpty() || wanted.format().equals(current.format())),
          "Cannot amend the backing file");
    }
    int bits = changes.refcountBits().orElse(1 << header.geometry().refcountOrder());
    CreateChecks.require(
        bits >= 1 && bits <= Long.SIZE && Integer.bitCount(bits) == 1,
        "Refcount width must be a power of two and may not exceed 64 bits");
    // QEMU widens version 2 first if that is asked for, so the version to be is what counts.
    CreateChecks.require(
        Math.max(version, header.version()) >= 3 || bits == 1 << Geometry.VERSION2_REFCOUNT_ORDER,
        "Refcount widths other than 16 bits require compatibility level 1.1 or above"
            + " (use compat=1.1 or greater)");
    CreateChecks.require(
        version >= 3 || !changes.lazyRefcounts().orElse(false),
        "Lazy refcounts only supported with compatibility level 1.1 and above"
            + " (use compat=1.1 or greater)");
    CreateChecks.require(
        changes.dataFile().isEmpty() || header.externalData(),
        "data-file can only be set for images that use an external data file");
    CreateChecks.require(
        !changes.dataFileRaw().orElse(false) || header.rawExternalData(),
        "data-file-raw cannot be set on existing images");
    if (version < header.version()) {
      checkDowngrade(header, bits);
    }
  }

  /** Section "Snapshots": version 3 demands extra data of 16 bytes and more. */
  private static void upgrade(ImageRewrite rewrite) throws ImageFault {
    new SnapshotEditor(rewrite).completeExtraData();
    rewrite.draft().version(3, Geometry.VERSION2_REFCOUNT_ORDER);
  }

  private void changeRefcountBits() throws ImageFault {
    int order = image.header().geometry().refcountOrder();
    int wanted = Integer.numberOfTrailingZeros(changes.refcountBits().orElse(1 << order));
    if (wanted != order) {
      image.changeWhole(
          () ->
              ImageRewrite.runWithRefcountOrder(
                  image.files().image(),
                  wanted,
                  rewrite -> rewrite.draft().version(rewrite.draft().version(), wanted)));
    }
  }

  private void changeHeader() throws ImageFault {
    if (changes.lazyRefcounts().isEmpty()
        && changes.dataFile().isEmpty()
        && changes.dataFileRaw().isEmpty()) {
      return;
    }
    if (image.header().version() < 3) {
      return;
    }
    image.changeHeader(
        draft -> {
          long compatible = draft.compatible();
          if (changes.lazyRefcounts().isPresent()) {
            compatible &= ~Features.COMPATIBLE_LAZY_REFCOUNTS;
            compatible |= changes.lazyRefcounts().get() ? Features.COMPATIBLE_LAZY_REFCOUNTS : 0;
          }
          long autoclear = draft.autoclear();
          if (!changes.dataFileRaw().orElse(true)) {
            autoclear &= ~Features.AUTOCLEAR_DATA_FILE_RAW;
          }
          draft.features(draft.incompatible(), compatible, autoclear);
          changes.dataFile().ifPresent(draft::dataFile);
        });
  }

  private void checkDowngrade(Header header, int refcountBits) throws ImageFault {
    require(
        refcountBits == 1 << Geometry.VERSION2_REFCOUNT_ORDER,
        "compat=0.10 requires refcount_bits=16");
    require(!header.externalData(), "Cannot downgrade an image with a data file");
    long size = changes.size().orElse(header.size());
    for (SnapshotEntry snapshot : image.snapshotTable().entries()) {
      require(
          snapshot.fullVmStateSize() <= MAX_VM_STATE_VERSION2
              && snapshot.fullVmStateSize() >= 0
              && snapshot.diskSize(size) == size,
          "Internal snapshots prevent downgrade of image");
    }
    long left = header.incompatible() & ~Features.INCOMPATIBLE_DIRTY;
    if ((left & Features.INCOMPATIBLE_COMPRESSION_TYPE) != 0) {
      require(
          !hasCompressedClusters(),
          "Cannot downgrade an image with zstd compression type and existing compressed clusters");
      left &= ~Features.INCOMPATIBLE_COMPRESSION_TYPE;
    }
    require(
        left == 0,
        "Cannot downgrade an image with incompatible features 0x"
            + Long.toHexString(left)
            + " set");
  }

  private static void require(boolean condition, String otherwise) throws ImageFault {
    if (!condition) {
      throw new ImageFault(ErrorKind.UNSUPPORTED, HeaderField.INCOMPATIBLE_FEATURES, otherwise);
    }
  }

  private boolean hasCompressedClusters() throws ImageFault {
    long at = 0;
    while (at < image.size()) {
      Extent extent = image.extentAt(at, image.size() - at);
      if (extent.compressed()) {
        return true;
      }
      at = extent.end();
    }
    return false;
  }

  private void downgrade() throws ImageFault {
    image.storeBitmaps();
    image.rewrite(
        rewrite -> {
          new BitmapEditor(rewrite).removeAll();
          boolean backed = rewrite.header().names().backing().isPresent();
          new SnapshotEditor(rewrite).expandZeroes(backed);
          rewrite.draft().compressionType(0);
          rewrite.draft().features(0, 0, 0);
          rewrite.draft().version(2, Geometry.VERSION2_REFCOUNT_ORDER);
        });
  }
}
