package dev.monoceros.machine;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A disk to attach.
 *
 * @param file the image
 * @param format its format, or empty to find out
 * @param readOnly whether the guest may not write
 * @param snapshot whether writes are kept in memory and gone at the end
 * @param serial what the guest sees as its serial number, at most 20 printable ASCII characters
 * @param l2CacheBytes memory for L2 tables, or empty for the library's default
 */
public record DiskSpec(
    Path file,
    Optional<Format> format,
    boolean readOnly,
    boolean snapshot,
    Optional<String> serial,
    OptionalLong l2CacheBytes) {

  /** Formats that can be named. */
  public enum Format {
    QCOW2,
    QCOW,
    RAW
  }

  /** Checks that nothing is missing. */
  public DiskSpec {
    Objects.requireNonNull(file);
    Objects.requireNonNull(format);
    Objects.requireNonNull(serial);
    Objects.requireNonNull(l2CacheBytes);
  }

  /** A writable image whose format is found out. */
  public static DiskSpec of(Path file) {
    return new DiskSpec(
        file, Optional.empty(), false, false, Optional.empty(), OptionalLong.empty());
  }
}
