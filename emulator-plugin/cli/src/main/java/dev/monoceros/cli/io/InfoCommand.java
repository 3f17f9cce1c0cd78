package dev.monoceros.cli.io;

import dev.monoceros.qcow.Bitmap;
import dev.monoceros.qcow.CompressionType;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.ImageFormat;
import dev.monoceros.qcow.ImageInfo;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** {@code info}. */
final class InfoCommand {
  private static final int ENTRY_BITS = 3;
  private static final String SNAPSHOT_DRIVER = "qcow2";

  /** Their name is said twice: once as a format's, once as a protocol's. */
  private static final Set<String> PROTOCOLS =
      Set.of("file", "host_device", "blkdebug", "null-co", "null-aio");

  private InfoCommand() {}

  static boolean run(Session session, Arguments arguments) {
    Output out = session.out();
    OpenFile file = session.openFile();
    String driver = file.request().snapshot() ? SNAPSHOT_DRIVER : file.image().driver();
    out.line("format name: " + driver);
    if (PROTOCOLS.contains(driver)) {
      out.line("format name: " + driver);
    }
    try {
      ImageInfo info = file.image().info();
      if (info.detailed()) {
        print(out, shown(file, info));
      }
      return info.detailed();
    } catch (ImageException e) {
      out.error(e.getMessage());
      return false;
    }
  }

  /** A snapshot is a QCOW2 image with QEMU's defaults, whatever is below. */
  private static ImageInfo shown(OpenFile file, ImageInfo info) {
    if (!file.request().snapshot()) {
      return info;
    }
    ImageInfo.Qcow2 fresh =
        new ImageInfo.Qcow2(
            3,
            CompressionType.ZLIB,
            false,
            16,
            false,
            false,
            Optional.empty(),
            false,
            Optional.empty(),
            List.of());
    return new ImageInfo(
        info.fileName(),
        ImageFormat.QCOW2,
        file.image().size(),
        -1,
        0,
        1 << 16,
        false,
        false,
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Optional.of(fresh));
  }

  private static void print(Output out, ImageInfo info) {
    out.line("cluster size: " + Report.size(info.clusterSize()));
    out.line("vm state offset: " + Report.size(vmStateOffset(info)));
    info.qcow2().ifPresent(specific -> print(out, specific));
  }

  /** Behind the last L2 table of the disk. */
  private static long vmStateOffset(ImageInfo info) {
    if (info.qcow2().isEmpty()) {
      return 0;
    }
    int clusterBits = Integer.numberOfTrailingZeros(info.clusterSize());
    int entryBits = info.qcow2().get().extendedL2() ? ENTRY_BITS + 1 : ENTRY_BITS;
    int coverBits = clusterBits + clusterBits - entryBits;
    return (info.size() + (1L << coverBits) - 1) >>> coverBits << coverBits;
  }

  private static void print(Output out, ImageInfo.Qcow2 info) {
    out.line("Format specific information:");
    out.line("    compat: " + (info.version() == 2 ? "0.10" : "1.1"));
    out.line("    compression type: " + info.compressionType().name().toLowerCase(Locale.ROOT));
    if (info.version() > 2) {
      out.line("    lazy refcounts: " + info.lazyRefcounts());
    }
    out.line("    refcount bits: " + info.refcountBits());
    if (info.version() > 2) {
      out.line("    corrupt: " + info.corrupt());
    }
    bitmaps(out, info.bitmaps());
    info.dataFile().ifPresent(name -> out.line("    data file: " + name));
    if (info.dataFile().isPresent()) {
      out.line("    data file raw: " + info.dataFileRaw());
    }
    if (info.version() > 2) {
      out.line("    extended l2: " + info.extendedL2());
    }
  }

  private static void bitmaps(Output out, List<Bitmap> bitmaps) {
    if (bitmaps.isEmpty()) {
      return;
    }
    out.line("    bitmaps:");
    for (int i = 0; i < bitmaps.size(); i++) {
      Bitmap bitmap = bitmaps.get(i);
      out.line("        [" + i + "]:");
      out.line("            flags:" + (bitmap.inUse() || bitmap.auto() ? "" : " "));
      int flag = 0;
      if (bitmap.inUse()) {
        out.line("                [" + flag++ + "]: in-use");
      }
      if (bitmap.auto()) {
        out.line("                [" + flag + "]: auto");
      }
      out.line("            name: " + bitmap.name());
      out.line("            granularity: " + bitmap.granularity());
    }
  }
}
