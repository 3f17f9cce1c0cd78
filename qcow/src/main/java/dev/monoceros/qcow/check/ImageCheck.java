package dev.monoceros.qcow.check;

import dev.monoceros.qcow.bitmap.BitmapDirectory;
import dev.monoceros.qcow.format.Features;
import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.HeaderField;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;
import java.nio.ByteBuffer;
import java.util.Optional;

/** One check of one image, from the header to the flags. */
public final class ImageCheck {
  /** Of the heap, what the counters of a hostile image may take. */
  private static final int HEAP_SHARE = 2;

  private static final int SECTOR = 512;

  private final OrderedFile file;
  private final Fix fix;
  private final Messages messages = new Messages();
  private final Tally tally = new Tally();
  private final Tally snapshotTally = new Tally();
  private Layout layout;
  private long imageEnd;

  private ImageCheck(OrderedFile file, Fix fix, Layout layout) {
    this.file = file;
    this.fix = fix;
    this.layout = layout;
  }

  /**
   * What can be checked.
   *
   * @param size of the virtual disk in bytes
   */
  public record Subject(long size, int clusterSize) {}

  /**
   * Fails if the image is one that not even a check can open.
   *
   * @throws ImageFault WRONG_FORMAT, UNSUPPORTED, CORRUPT or IO
   */
  public static Subject subject(OrderedFile file) throws ImageFault {
    Layout layout = open(file);
    return new Subject(layout.size(), layout.geometry().clusterSize());
  }

  private static Layout open(OrderedFile file) throws ImageFault {
    Layout layout = LayoutParser.read(file);
    if (layout.bitmaps().count() > 0) {
      BitmapDirectory.read(file, layout.geometry(), layout.size(), layout.bitmaps());
    }
    return layout;
  }

  /**
   * Checks the image in {@code file}, in which nothing may be unwritten.
   *
   * @throws ImageFault as {@link #subject}, and what the host fails with; what was mended until
   *     then is safe
   */
  public static CheckResult run(OrderedFile file, Fix fix) throws ImageFault {
    return new ImageCheck(file, fix, open(file)).run();
  }

  private CheckResult run() throws ImageFault {
    Optional<String> failure = Optional.empty();
    try {
      check();
    } catch (CheckStopped e) {
      failure = Optional.of(e.getMessage());
      file.barrier();
    }
    Tally sum = tally.copy();
    sum.add(snapshotTally);
    return new CheckResult(
        messages.lines(),
        failure,
        imageEnd,
        sum.checkErrors,
        sum.leaks,
        sum.corruptions,
        sum.leaksFixed,
        sum.corruptionsFixed,
        layout.geometry().clustersFor(layout.size() / SECTOR * SECTOR),
        sum.allocated,
        sum.fragmented,
        sum.compressed);
  }

  private void check() throws ImageFault, CheckStopped {
    SnapshotTable snapshots = SnapshotTable.read(file, layout, fix, messages, snapshotTally);
    Geometry geometry = layout.geometry();
    long clusters = geometry.clustersFor(References.length(file));
    if (clusters > Integer.MAX_VALUE) {
      tally.checkErrors++;
      throw new CheckStopped(CheckStopped.TOO_LARGE);
    }
    long heap = Runtime.getRuntime().maxMemory() / HEAP_SHARE;
    RefcountArray counts = new RefcountArray(geometry.refcountOrder(), clusters, heap);
    References counted = new References(file, geometry, messages, tally, counts);
    Examination exam = new Examination(file, layout, fix, messages, tally, counted);
    exam = new RefcountCheck(exam, snapshots).run();
    layout = exam.layout();
    if (snapshotTally.corruptions > 0 && fix.errors()) {
      exam = SnapshotRepair.run(exam, snapshots, snapshotTally);
    }
    imageEnd = (exam.tally().highest + 1) << geometry.clusterBits();
    long left = tally.checkErrors + tally.corruptions;
    if (fix.any() && left + snapshotTally.checkErrors + snapshotTally.corruptions == 0) {
      clearBits();
    }
  }

  /** Dirty and corrupt, last of all: until then the image says that it needs this. */
  private void clearBits() throws ImageFault {
    long bits = Features.INCOMPATIBLE_DIRTY | Features.INCOMPATIBLE_CORRUPT;
    if (layout.version() < 3 || !layout.has(bits)) {
      return;
    }
    file.barrier();
    file.write(
        ByteBuffer.allocate(Long.BYTES).putLong(0, layout.incompatible() & ~bits),
        HeaderField.INCOMPATIBLE_FEATURES);
    file.barrier();
  }
}
