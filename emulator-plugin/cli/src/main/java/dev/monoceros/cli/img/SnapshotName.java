package dev.monoceros.cli.img;

import dev.monoceros.cli.tool.ImageName;
import dev.monoceros.cli.tool.KeyValues;
import dev.monoceros.cli.tool.Reason;
import dev.monoceros.cli.tool.Tool;
import dev.monoceros.cli.tool.ToolExit;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.ImageFormat;
import dev.monoceros.qcow.OpenOptions;
import dev.monoceros.qcow.Snapshot;
import java.util.List;
import java.util.Optional;

/**
 * What {@code -l} names: an id or a name, or each by itself.
 *
 * @param either looked up as an id, then as a name
 * @param id of {@code snapshot.id=}
 * @param name of {@code snapshot.name=}
 */
record SnapshotName(Optional<String> either, Optional<String> id, Optional<String> name) {
  private static final String FAILED = "Failed to load snapshot: ";
  private static final String PREFIX = "snapshot.";
  private static final String ID = "snapshot.id";
  private static final String NAME = "snapshot.name";

  static SnapshotName parse(Tool tool, String text) {
    if (!text.startsWith(PREFIX)) {
      return new SnapshotName(Optional.of(text), Optional.empty(), Optional.empty());
    }
    Optional<String> id = Optional.empty();
    Optional<String> name = Optional.empty();
    for (String part : KeyValues.split(text)) {
      int equals = part.indexOf('=');
      String key = equals < 0 ? part : part.substring(0, equals);
      String value = equals < 0 ? "on" : part.substring(equals + 1);
      switch (key) {
        case ID -> id = Optional.of(value);
        case NAME -> name = Optional.of(value);
        default -> {
          tool.error("Invalid parameter '" + key + "'");
          throw tool.failure("Failed in parsing snapshot param '" + text + "'");
        }
      }
    }
    return new SnapshotName(Optional.empty(), id, name);
  }

  /**
   * Opens an image as it was, for reading.
   *
   * @throws ToolExit if it or the snapshot cannot be opened; what is wrong has been said
   */
  DiskImage open(Tool tool, ImageName image, OpenOptions options) {
    String found;
    try (DiskImage whole = image.open(tool, options)) {
      if (whole.format() != ImageFormat.QCOW2) {
        throw tool.failure(
            FAILED
                + "Block format '"
                + whole.format().qemuName()
                + "' used by device '' does not support temporarily loading internal snapshots");
      }
      found =
          find(whole.snapshots().list())
              .orElseThrow(() -> tool.failure(FAILED + "Can't find snapshot"))
              .id();
    } catch (ImageException e) {
      throw tool.failure(FAILED + Reason.of(e));
    }
    return image.open(tool, options.withSnapshotName(Optional.of(found)));
  }

  private Optional<Snapshot> find(List<Snapshot> snapshots) {
    if (either.isEmpty()) {
      return snapshots.stream()
          .filter(s -> s.id().equals(id.orElse(s.id())) && s.name().equals(name.orElse(s.name())))
          .findFirst();
    }
    return snapshots.stream()
        .filter(s -> s.id().equals(either.get()))
        .findFirst()
        .or(() -> snapshots.stream().filter(s -> s.name().equals(either.get())).findFirst());
  }
}
