package dev.monoceros.qcow.format;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Feature bits of the version 3 header, and what to call them. */
public final class Features {
  public static final long INCOMPATIBLE_DIRTY = 1L;
  public static final long INCOMPATIBLE_CORRUPT = 1L << 1;
  public static final long INCOMPATIBLE_EXTERNAL_DATA = 1L << 2;
  public static final long INCOMPATIBLE_COMPRESSION_TYPE = 1L << 3;
  public static final long INCOMPATIBLE_EXTENDED_L2 = 1L << 4;

  /** Refcount updates may be postponed; the dirty bit says that some were. */
  public static final long COMPATIBLE_LAZY_REFCOUNTS = 1L;

  /** The bitmaps extension is consistent with the disk. */
  public static final long AUTOCLEAR_BITMAPS = 1L;

  /** The external data file is a raw image of the disk and must be kept one. */
  public static final long AUTOCLEAR_DATA_FILE_RAW = 1L << 1;

  /**
   * Incompatible features that this library handles, if only by reading or by refusing to write.
   */
  private static final long SERVED =
      INCOMPATIBLE_DIRTY
          | INCOMPATIBLE_CORRUPT
          | INCOMPATIBLE_EXTERNAL_DATA
          | INCOMPATIBLE_COMPRESSION_TYPE
          | INCOMPATIBLE_EXTENDED_L2;

  /** The three bitmaps, numbered as in the feature name table. */
  public enum Type {
    INCOMPATIBLE(0),
    COMPATIBLE(1),
    AUTOCLEAR(2);

    private final int code;

    Type(int code) {
      this.code = code;
    }

    /** As in the image. */
    int code() {
      return code;
    }

    /** The type of that code, if there is one. */
    static Optional<Type> of(int code) {
      return Arrays.stream(values()).filter(type -> type.code == code).findFirst();
    }
  }

  /** One row of the feature name table. */
  public record Name(Type type, int bit, String text) {}

  /** The table written into new images. */
  public static final List<Name> NAMES =
      List.of(
          new Name(Type.INCOMPATIBLE, 0, "dirty bit"),
          new Name(Type.INCOMPATIBLE, 1, "corrupt bit"),
          new Name(Type.INCOMPATIBLE, 2, "external data file"),
          new Name(Type.INCOMPATIBLE, 3, "compression type"),
          new Name(Type.INCOMPATIBLE, 4, "extended L2 entries"),
          new Name(Type.COMPATIBLE, 0, "lazy refcounts"),
          new Name(Type.AUTOCLEAR, 0, "bitmaps"),
          new Name(Type.AUTOCLEAR, 1, "raw external data"));

  private Features() {}

  /**
   * Names of the incompatible features that cannot be served, from the image's own table first.
   *
   * @param own the image's feature name table
   */
  public static List<String> unserved(long incompatible, List<Name> own) {
    List<String> names = new ArrayList<>();
    long unnamed = 0;
    for (int bit = 0; bit < Long.SIZE; bit++) {
      if ((incompatible & ~SERVED & (1L << bit)) != 0) {
        Optional<String> name = nameOf(bit, own);
        name.ifPresent(names::add);
        unnamed |= name.isEmpty() ? 1L << bit : 0;
      }
    }
    if (unnamed != 0) {
      names.add("Unknown incompatible feature: " + Long.toHexString(unnamed));
    }
    return names;
  }

  private static Optional<String> nameOf(int bit, List<Name> own) {
    for (List<Name> table : List.of(own, NAMES)) {
      for (Name name : table) {
        if (name.type() == Type.INCOMPATIBLE && name.bit() == bit && !name.text().isBlank()) {
          return Optional.of(name.text());
        }
      }
    }
    return Optional.empty();
  }
}
