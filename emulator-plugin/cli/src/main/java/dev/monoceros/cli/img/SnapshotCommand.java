package dev.monoceros.cli.img;

import dev.monoceros.cli.tool.ImageName;
import dev.monoceros.cli.tool.Reason;
import dev.monoceros.cli.tool.Tool;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.ImageFormat;
import dev.monoceros.qcow.OpenOptions;
import dev.monoceros.qcow.Snapshot;
import dev.monoceros.qcow.io.ErrorKind;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/** {@code snapshot}: lists, creates, applies and deletes internal snapshots. */
final class SnapshotCommand implements ImgCommand {
  /** Bytes of a name that QEMU keeps. */
  private static final int NAME_BYTES = 255;

  private static final int NANOS_PER_MICRO = 1000;

  @Override
  public int run(Tool tool, List<String> words) throws ImageException {
    CommonOptions options =
        new CommonOptions(
            tool,
            words,
            ":la:c:d:hqU",
            CommonOptions.HELP,
            CommonOptions.OBJECT_OPTION,
            CommonOptions.IMAGE_OPTS_OPTION,
            CommonOptions.FORCE_SHARE);
    int action = 0;
    String snapshot = "";
    for (int c = options.next(); c >= 0; c = options.next()) {
      if (action != 0) {
        throw tool.usage("Cannot mix '-l', '-a', '-c', '-d'");
      }
      action = c;
      snapshot = c == 'l' ? "" : options.argument();
    }
    ImageName name = options.image(options.oneImage());
    boolean reading = action == 'l';
    if (options.forceShare() && !reading) {
      throw tool.failure(
          "Could not open '"
              + name.name()
              + "': force-share=on can only be used with read-only images");
    }
    OpenOptions open =
        (reading ? ImageName.forReading() : ImageName.forWriting())
            .withForceShare(options.forceShare());
    try (DiskImage image = name.open(tool, open)) {
      switch (action) {
        case 'l' -> list(tool, image);
        case 'c' -> create(tool, image, snapshot);
        case 'a' -> apply(tool, image, snapshot);
        case 'd' -> delete(tool, image, snapshot);
        default -> {
          // Without an action the image is opened and closed, as qemu-img does.
        }
      }
    }
    return 0;
  }

  private static void list(Tool tool, DiskImage image) throws ImageException {
    List<Snapshot> snapshots = snapshots(image);
    if (!snapshots.isEmpty()) {
      StringBuilder text = new StringBuilder();
      SnapshotText.append(text, snapshots);
      tool.print(text.toString());
    }
  }

  private static List<Snapshot> snapshots(DiskImage image) throws ImageException {
    return image.format() == ImageFormat.QCOW2 ? image.snapshots().list() : List.of();
  }

  private static void create(Tool tool, DiskImage image, String name) {
    Instant now = tool.clock().instant();
    int nanos = now.getNano() / NANOS_PER_MICRO * NANOS_PER_MICRO;
    if (image.format() != ImageFormat.QCOW2) {
      throw tool.failure("Could not create snapshot '" + name + "': -95 (Operation not supported)");
    }
    try {
      image.snapshots().create(shortened(name), now.getEpochSecond(), nanos);
    } catch (ImageException e) {
      throw tool.failure("Could not create snapshot '" + name + "': " + Reason.of(e));
    }
  }

  private static String shortened(String name) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    return bytes.length <= NAME_BYTES
        ? name
        : new String(Arrays.copyOf(bytes, NAME_BYTES), StandardCharsets.UTF_8);
  }

  private static void apply(Tool tool, DiskImage image, String name) {
    try {
      if (image.format() != ImageFormat.QCOW2) {
        throw tool.failure(
            "Could not apply snapshot '" + name + "': Block driver does not support snapshots");
      }
      image.snapshots().apply(name);
    } catch (ImageException e) {
      String why =
          e.kind() == ErrorKind.NOT_FOUND
              ? "Failed to load snapshot: No such file or directory"
              : Reason.of(e);
      throw tool.failure("Could not apply snapshot '" + name + "': " + why);
    }
  }

  /** By name only; an id deletes nothing. */
  private static void delete(Tool tool, DiskImage image, String name) throws ImageException {
    for (Snapshot snapshot : snapshots(image)) {
      if (snapshot.name().equals(name)) {
        try {
          image.snapshots().delete(snapshot.id());
        } catch (ImageException e) {
          throw tool.failure("Could not delete snapshot '" + name + "': " + Reason.of(e));
        }
        return;
      }
    }
    throw tool.failure("Could not delete snapshot '" + name + "': snapshot not found");
  }
}
