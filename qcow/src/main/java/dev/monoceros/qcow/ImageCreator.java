package dev.monoceros.qcow;

import dev.monoceros.qcow.format.Features;
import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.HeaderDraft;
import dev.monoceros.qcow.format.Qcow1Header;
import dev.monoceros.qcow.io.HostFile;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.ImageFile;
import dev.monoceros.qcow.io.OrderedFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Creates empty images: checks the options, writes the metadata, header last. */
final class ImageCreator {
  private static final int FIRST_BLOCK = 4096;

  private ImageCreator() {}

  static DiskImage create(Path path, CreateOptions options) throws ImageException {
    boolean existed = Files.exists(path);
    ImageFile file = null;
    try {
      CreateChecks.format(options);
      long size = CreateChecks.sectors(options.size());
      EmptyImage empty = options.format() == ImageFormat.QCOW2 ? plan(options, size) : null;
      Qcow1Header version1 = options.format() == ImageFormat.QCOW ? version1(options, size) : null;
      ByteBuffer header = empty == null ? null : header(options, empty).encode();
      if (options.dataFile().isPresent()) {
        createDataFile(options, size);
      }
      file = HostFile.create(path, options.overwrite());
      OrderedFile ordered = new OrderedFile(file);
      if (version1 != null) {
        write(ordered, version1);
      } else if (empty == null) {
        ordered.extendTo(size);
        // As QEMU does (allocate_first_block): direct I/O finds out its alignment there.
        ordered.writeZeroes(0, Math.min(size, FIRST_BLOCK));
      } else {
        write(ordered, empty, header);
      }
      ordered.barrier();
    } catch (ImageFault e) {
      if (file != null) {
        abandon(file, existed, e);
      }
      throw ImageException.of(path, Operation.CREATE, e);
    }
    DiskImage image = open(path, file, options);
    preallocate(image, options, existed);
    return image;
  }

  /**
   * Whoever creates an image names its backing file himself, so any is allowed. If it cannot be
   * opened the image is there all the same, but as long as what is below it cannot be read, parts
   * of clusters cannot be written either.
   */
  private static DiskImage open(Path path, ImageFile file, CreateOptions options)
      throws ImageException {
    OpenOptions open =
        OpenOptions.defaults().withFormat(options.format()).withDataFile(options.dataFile());
    if (options.backing().isEmpty()) {
      return ImageOpener.open(file, open);
    }
    try {
      return ImageOpener.open(file, open.withBacking(BackingPolicy.ALLOW));
    } catch (ImageException e) {
      return DiskImage.open(path, open.withBacking(BackingPolicy.IGNORE).withReadOnly(true));
    }
  }

  private static EmptyImage plan(CreateOptions options, long size) throws ImageFault {
    CreateChecks.qcow2(options);
    return EmptyImage.plan(geometry(options), size);
  }

  private static Qcow1Header version1(CreateOptions options, long size) throws ImageFault {
    return Qcow1Header.plan(size, options.backing().map(BackingReference::name));
  }

  /** The L1 table of zeros, to the end of its last sector as in images of QEMU, then the header. */
  private static void write(OrderedFile file, Qcow1Header header) throws ImageFault {
    long l1Bytes = header.l1End() - header.l1Offset();
    file.extendTo(header.l1Offset() + CreateChecks.sectors(l1Bytes));
    file.barrier();
    file.write(header.encode(), 0);
  }

  private static Geometry geometry(CreateOptions options) {
    return new Geometry(
        Long.numberOfTrailingZeros(options.clusterSize()),
        Integer.numberOfTrailingZeros(options.refcountBits()),
        options.extendedL2());
  }

  private static HeaderDraft header(CreateOptions options, EmptyImage empty) throws ImageFault {
    HeaderDraft draft = HeaderDraft.blank(options.version(), geometry(options));
    draft.size(empty.size());
    draft.l1(empty.l1Offset(), empty.l1Entries());
    draft.refcountTable(empty.refcountTableOffset(), empty.tableClusters());
    long incompatible = 0;
    if (options.extendedL2()) {
      incompatible |= Features.INCOMPATIBLE_EXTENDED_L2;
    }
    if (options.compressionType() == CompressionType.ZSTD) {
      incompatible |= Features.INCOMPATIBLE_COMPRESSION_TYPE;
      draft.compressionType(1);
    }
    if (options.dataFile().isPresent()) {
      incompatible |= Features.INCOMPATIBLE_EXTERNAL_DATA;
      draft.dataFile(options.dataFile().get().toString());
    }
    long compatible = options.lazyRefcounts() ? Features.COMPATIBLE_LAZY_REFCOUNTS : 0;
    long autoclear = options.dataFileRaw() ? Features.AUTOCLEAR_DATA_FILE_RAW : 0;
    if (options.version() >= 3) {
      draft.features(incompatible, compatible, autoclear);
    }
    Optional<BackingReference> backing = options.backing();
    draft.backing(
        backing.map(BackingReference::name).orElse(""), backing.flatMap(BackingReference::format));
    return draft;
  }

  private static void write(OrderedFile file, EmptyImage empty, ByteBuffer header)
      throws ImageFault {
    file.write(empty.refcountTable(), empty.refcountTableOffset());
    for (int i = 0; i < empty.blocks(); i++) {
      file.write(empty.refcountBlock(i), empty.blockOffset(i));
    }
    file.extendTo(empty.fileSize());
    file.barrier();
    file.write(header, 0);
  }

  /** As large as the disk, as qemu-img makes it. */
  private static void createDataFile(CreateOptions options, long size) throws ImageFault {
    ImageFile file = HostFile.create(options.dataFile().get(), options.overwrite());
    try (OrderedFile ordered = new OrderedFile(file)) {
      ordered.extendTo(size);
      ordered.barrier();
    }
  }

  private static void preallocate(DiskImage image, CreateOptions options, boolean existed)
      throws ImageException {
    // A raw external file must be mapped as it is.
    boolean mapAll = options.dataFileRaw() && options.preallocation() == Preallocation.OFF;
    Preallocation mode = mapAll ? Preallocation.METADATA : options.preallocation();
    if (mode == Preallocation.OFF || !(image instanceof BaseImage base)) {
      return;
    }
    try {
      base.changing(Operation.CREATE, () -> base.preallocateNow(mode));
    } catch (ImageException e) {
      try (image) {
        if (!existed) {
          Files.deleteIfExists(base.path());
        }
      } catch (IOException again) {
        e.addSuppressed(again);
      }
      throw e;
    }
  }

  /** Leaves no half-made image behind where there was none. */
  private static void abandon(ImageFile file, boolean existed, ImageFault failure) {
    try (file) {
      if (!existed) {
        Files.deleteIfExists(file.path());
      }
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }
}
