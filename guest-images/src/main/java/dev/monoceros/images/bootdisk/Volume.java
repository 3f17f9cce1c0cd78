package dev.monoceros.images.bootdisk;

import dev.monoceros.images.disk.DiskSource;
import dev.monoceros.images.ext4.Ext4Reader;
import java.io.IOException;
import java.util.Optional;

/**
 * An ext4 file system on the disk.
 *
 * @param number its partition, 0 when it is the whole disk
 * @param device the guest's name of it
 * @param partUuid its partition's id, if it has one
 * @param bytes the partition
 * @param files what is on it
 */
record Volume(
    int number, String device, Optional<String> partUuid, DiskSource bytes, Ext4Reader files) {
  /** A file on it, links followed. */
  record File(Volume volume, String path) {
    @Override
    public String toString() {
      return path + " of " + volume.device();
    }
  }

  Optional<File> file(String path) throws IOException {
    return files.fileAt(path).map(found -> new File(this, found));
  }

  /** Whether it looks like what is mounted at /. */
  boolean isRoot() throws IOException {
    return files.isDirectory("/etc") && (files.isDirectory("/usr") || files.isDirectory("/sbin"));
  }

  /** How a command line names it as the root, whoever mounts it. */
  String rootParameter() {
    return "root=" + partUuid.map(id -> "PARTUUID=" + id).orElse(device);
  }
}
