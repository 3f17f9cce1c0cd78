package dev.monoceros.images.bootdisk;

import dev.monoceros.images.disk.DiskSource;
import dev.monoceros.images.disk.PartitionList;
import dev.monoceros.images.disk.PartitionList.Partition;
import dev.monoceros.images.ext4.Ext4FormatException;
import dev.monoceros.images.ext4.Ext4Reader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The file systems of a disk.
 *
 * @param readable those that can be read, the likeliest root first, then in the order of the disk
 * @param others why the others cannot be read, as clauses
 */
record Volumes(List<Volume> readable, List<String> others) {
  /**
   * Looks at every partition, whatever type its table gives it, or at the whole disk.
   *
   * @param device the guest's name of the disk
   */
  static Volumes of(DiskSource disk, String device) throws IOException {
    PartitionList table = PartitionList.read(disk);
    List<Volume> readable = new ArrayList<>();
    List<String> others = new ArrayList<>();
    Optional<Partition> root = table.root();
    for (Partition one : table.partitions()) {
      Optional<String> id = Optional.ofNullable(table.ids().get(one.number()));
      int at = root.filter(one::equals).isPresent() ? 0 : readable.size();
      look(one.number(), device + one.number(), id, one.on(disk), others)
          .ifPresent(volume -> readable.add(at, volume));
    }
    if (table.partitions().isEmpty()) {
      look(0, device, Optional.empty(), disk, others).ifPresent(readable::add);
    }
    return new Volumes(List.copyOf(readable), List.copyOf(others));
  }

  private static Optional<Volume> look(
      int number, String device, Optional<String> id, DiskSource bytes, List<String> others)
      throws IOException {
    VolumeKind kind = VolumeKind.of(bytes);
    if (kind != VolumeKind.EXT4) {
      if (kind.mayHoldLinux()) {
        others.add("%s is %s, which cannot be read here".formatted(device, kind));
      }
      return Optional.empty();
    }
    try {
      return Optional.of(new Volume(number, device, id, bytes, Ext4Reader.open(bytes)));
    } catch (Ext4FormatException e) {
      others.add("%s is an ext4 file system that has %s".formatted(device, e.getMessage()));
      return Optional.empty();
    }
  }

  /** The one with a partition's number. */
  Optional<Volume> numbered(int number) {
    return readable.stream().filter(volume -> volume.number() == number).findFirst();
  }

  /** The root file system, if it can be read. */
  Optional<Volume> root() throws IOException {
    for (Volume volume : readable) {
      if (volume.isRoot()) {
        return Optional.of(volume);
      }
    }
    return Optional.empty();
  }
}
