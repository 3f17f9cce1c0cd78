package dev.monoceros.qcow.oracle;

import dev.monoceros.qcow.BackingPolicy;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.ImageInfo;
import dev.monoceros.qcow.OpenOptions;
import dev.monoceros.qcow.Snapshot;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * All that a user can see of an image: two states are equal if no one could tell.
 *
 * @param info without what says how large the file is
 * @param contents a hash of the disk and of each snapshot by its id
 */
public record ImageState(ImageInfo info, Map<String, String> contents) {
  /** Opens the image, read only, and looks at everything. */
  public static ImageState of(byte[] file) throws ImageException {
    Map<String, String> contents = new TreeMap<>();
    OpenOptions options =
        OpenOptions.defaults().withReadOnly(true).withBacking(BackingPolicy.IGNORE);
    try (DiskImage image = DiskImage.open(new MemoryFile(file), options)) {
      contents.put("", hash(image));
      for (Snapshot snapshot : image.snapshots().list()) {
        OpenOptions view = options.withSnapshotName(Optional.of(snapshot.id()));
        try (DiskImage seen = DiskImage.open(new MemoryFile(file), view)) {
          contents.put(snapshot.id(), hash(seen));
        }
      }
      return new ImageState(withoutSizes(image.info()), contents);
    }
  }

  private static String hash(DiskImage image) throws ImageException {
    byte[] all = new byte[(int) image.size()];
    image.read(0, ByteBuffer.wrap(all));
    return all.length + ":" + Arrays.hashCode(all);
  }

  private static ImageInfo withoutSizes(ImageInfo i) {
    return new ImageInfo(
        i.fileName(),
        i.format(),
        i.size(),
        0,
        0,
        i.clusterSize(),
        i.encrypted(),
        i.dirty(),
        i.backing(),
        i.backingPath(),
        i.snapshots(),
        i.qcow2());
  }
}
