package dev.monoceros.cli.img;

import dev.monoceros.cli.tool.ByteCount;
import dev.monoceros.cli.tool.Json;
import dev.monoceros.qcow.Bitmap;
import dev.monoceros.qcow.ImageFormat;
import dev.monoceros.qcow.ImageInfo;
import dev.monoceros.qcow.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The two forms of {@code info}'s output. */
final class InfoText {
  private static final int VERSION_3 = 3;
  private static final long NANOS = 1_000_000_000L;

  private InfoText() {}

  /**
   * @param driver that serves the image, which need not be its format's
   */
  static String human(ImageInfo info, String driver) {
    StringBuilder text = new StringBuilder();
    text.append("image: ").append(info.fileName());
    text.append("\nfile format: ").append(driver);
    text.append("\nvirtual size: ").append(ByteCount.toText(info.size()));
    text.append(" (").append(info.size()).append(" bytes)\ndisk size: ");
    boolean known = info.allocatedBytes() >= 0;
    text.append(known ? ByteCount.toText(info.allocatedBytes()) : "unavailable").append('\n');
    if (info.encrypted()) {
      text.append("encrypted: yes\n");
    }
    if (info.clusterSize() > 0) {
      text.append("cluster_size: ").append(info.clusterSize()).append('\n');
    }
    if (info.dirty()) {
      text.append("cleanly shut down: no\n");
    }
    appendBacking(text, info);
    if (!info.snapshots().isEmpty()) {
      SnapshotText.append(text, info.snapshots());
    }
    info.qcow2()
        .ifPresent(
            qcow2 -> {
              text.append("Format specific information:\n");
              dump(text, qcow2(qcow2), 1);
            });
    return text.toString();
  }

  private static void appendBacking(StringBuilder text, ImageInfo info) {
    if (info.backing().isEmpty()) {
      return;
    }
    String name = info.backing().get().name();
    text.append("backing file: ").append(name);
    if (info.backingPath().isEmpty()) {
      text.append(" (cannot determine actual path)");
    } else if (!info.backingPath().get().equals(name)) {
      text.append(" (actual path: ").append(info.backingPath().get()).append(')');
    }
    text.append('\n');
    info.backing()
        .get()
        .format()
        .ifPresent(f -> text.append("backing file format: ").append(f).append('\n'));
  }

  /** The format-specific part as indented lines. */
  private static void dump(StringBuilder text, Json value, int level) {
    switch (value) {
      case Json.Literal literal -> text.append(literal.text()).append('\n');
      case Json.Text string -> text.append(string.value()).append('\n');
      case Json.Items array -> {
        for (int i = 0; i < array.items().size(); i++) {
          dumpMember(text, "[" + i + "]", array.items().get(i), level);
        }
      }
      case Json.Members object -> {
        for (String key : object.keys()) {
          dumpMember(text, key.replace('-', ' '), object.get(key), level);
        }
      }
    }
  }

  private static void dumpMember(StringBuilder text, String key, Json value, int level) {
    boolean composite = value instanceof Json.Items || value instanceof Json.Members;
    text.repeat("    ", level).append(key).append(composite ? ":\n" : ": ");
    dump(text, value, level + 1);
  }

  static Json json(ImageInfo info, String driver) {
    Json.Members object =
        Json.members()
            .put("virtual-size", info.size())
            .put("filename", info.fileName())
            .put("format", driver);
    if (info.detailed()) {
      object.put("dirty-flag", info.dirty());
    }
    if (info.allocatedBytes() >= 0) {
      object.put("actual-size", info.allocatedBytes());
    }
    if (info.encrypted()) {
      object.put("encrypted", true);
    }
    if (info.clusterSize() > 0) {
      object.put("cluster-size", info.clusterSize());
    }
    info.backing()
        .ifPresent(
            backing -> {
              object.put("backing-filename", backing.name());
              backing.format().ifPresent(f -> object.put("backing-filename-format", f));
              info.backingPath().ifPresent(p -> object.put("full-backing-filename", p));
            });
    if (!info.snapshots().isEmpty()) {
      object.put("snapshots", Json.items(info.snapshots().stream().map(InfoText::json).toList()));
    }
    info.qcow2()
        .ifPresent(
            qcow2 ->
                object.put(
                    "format-specific",
                    Json.members()
                        .put("type", ImageFormat.QCOW2.qemuName())
                        .put("data", qcow2(qcow2))));
    return object;
  }

  private static Json json(Snapshot snapshot) {
    Json.Members object =
        Json.members()
            .put("id", snapshot.id())
            .put("name", snapshot.name())
            .put("vm-state-size", snapshot.vmStateSize())
            .put("date-sec", snapshot.seconds())
            .put("date-nsec", snapshot.nanoseconds())
            .put("vm-clock-sec", snapshot.vmClockNanos() / NANOS)
            .put("vm-clock-nsec", snapshot.vmClockNanos() % NANOS);
    if (snapshot.instructionCount() != -1) {
      object.put("icount", snapshot.instructionCount());
    }
    return object;
  }

  private static Json qcow2(ImageInfo.Qcow2 qcow2) {
    boolean version3 = qcow2.version() >= VERSION_3;
    Json.Members object =
        Json.members()
            .put("compat", version3 ? "1.1" : "0.10")
            .put("compression-type", qcow2.compressionType().name().toLowerCase(Locale.ROOT))
            .put("refcount-bits", qcow2.refcountBits());
    qcow2.encryption().ifPresent(e -> object.put("encrypt", EncryptionText.json(e)));
    if (version3) {
      object
          .put("lazy-refcounts", qcow2.lazyRefcounts())
          .put("corrupt", qcow2.corrupt())
          .put("extended-l2", qcow2.extendedL2());
      qcow2
          .dataFile()
          .ifPresent(
              file -> object.put("data-file", file).put("data-file-raw", qcow2.dataFileRaw()));
      if (!qcow2.bitmaps().isEmpty()) {
        object.put("bitmaps", Json.items(qcow2.bitmaps().stream().map(InfoText::json).toList()));
      }
    }
    return object;
  }

  private static Json json(Bitmap bitmap) {
    List<Json> flags = new ArrayList<>();
    if (bitmap.inUse()) {
      flags.add(new Json.Text("in-use"));
    }
    if (bitmap.auto()) {
      flags.add(new Json.Text("auto"));
    }
    return Json.members()
        .put("name", bitmap.name())
        .put("granularity", bitmap.granularity())
        .put("flags", Json.items(flags));
  }
}
