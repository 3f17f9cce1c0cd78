package dev.monoceros.cli.img;

import dev.monoceros.cli.tool.OptionTable;
import dev.monoceros.cli.tool.OptionTable.Type;
import dev.monoceros.qcow.ImageFormat;
import java.util.Optional;

/** Which options {@code -o} takes for each format, in QEMU's order. */
final class FormatOptions {
  static final String SIZE = "size";
  static final String BACKING_FILE = "backing_file";
  static final String BACKING_FORMAT = "backing_fmt";
  static final String PREALLOCATION = "preallocation";
  static final String CLUSTER_SIZE = "cluster_size";
  static final String COMPAT = "compat";
  static final String COMPRESSION_TYPE = "compression_type";
  static final String DATA_FILE = "data_file";
  static final String DATA_FILE_RAW = "data_file_raw";
  static final String EXTENDED_L2 = "extended_l2";
  static final String LAZY_REFCOUNTS = "lazy_refcounts";
  static final String REFCOUNT_BITS = "refcount_bits";
  static final String ENCRYPTION = "encryption";
  static final String ENCRYPT_FORMAT = "encrypt.format";
  static final String ENCRYPT_SECRET = "encrypt.key-secret";

  private static final String ENCRYPTION_HELP =
      "Encrypt the image with format 'aes'. (Deprecated in favor of encrypt.format=aes)";

  private FormatOptions() {}

  /** What a new image of a format may be given; empty if it cannot be created. */
  static Optional<OptionTable> create(String format) {
    return switch (format) {
      case "qcow2" -> Optional.of(qcow2());
      case "qcow" -> Optional.of(qcow());
      case "raw" -> Optional.of(OptionTable.empty().with(SIZE, Type.SIZE, "Virtual disk size"));
      case "file" -> Optional.of(file());
      default -> Optional.empty();
    };
  }

  /** What a plain file adds. */
  static OptionTable file() {
    return OptionTable.empty()
        .with(SIZE, Type.SIZE, "Virtual disk size")
        .with("nocow", Type.BOOL, "Turn off copy-on-write (valid only on btrfs)")
        .with(PREALLOCATION, Type.STRING, "Preallocation mode (allowed values: off, falloc, full)")
        .with("extent_size_hint", Type.SIZE, "Extent size hint for the image file, 0 to disable");
  }

  private static OptionTable qcow2() {
    return OptionTable.empty()
        .with(ENCRYPTION, Type.BOOL, ENCRYPTION_HELP)
        .with(ENCRYPT_FORMAT, Type.STRING, "Encrypt the image, format choices: 'aes', 'luks'")
        .with(ENCRYPT_SECRET, Type.STRING, "ID of secret providing qcow AES key or LUKS passphrase")
        .with("encrypt.cipher-alg", Type.STRING, "Name of encryption cipher algorithm")
        .with("encrypt.cipher-mode", Type.STRING, "Name of encryption cipher mode")
        .with("encrypt.ivgen-alg", Type.STRING, "Name of IV generator algorithm")
        .with("encrypt.ivgen-hash-alg", Type.STRING, "Name of IV generator hash algorithm")
        .with("encrypt.hash-alg", Type.STRING, "Name of encryption hash algorithm")
        .with("encrypt.iter-time", Type.NUMBER, "Time to spend in PBKDF in milliseconds")
        .with(CLUSTER_SIZE, Type.SIZE, "qcow2 cluster size", "65536")
        .with(EXTENDED_L2, Type.BOOL, "Extended L2 tables", "off")
        .with(
            PREALLOCATION,
            Type.STRING,
            "Preallocation mode (allowed values: off, metadata, falloc, full)")
        .with(
            COMPRESSION_TYPE,
            Type.STRING,
            "Compression method used for image cluster compression",
            "zlib")
        .with(SIZE, Type.SIZE, "Virtual disk size")
        .with(COMPAT, Type.STRING, "Compatibility level (v2 [0.10] or v3 [1.1])")
        .with(BACKING_FILE, Type.STRING, "File name of a base image")
        .with(BACKING_FORMAT, Type.STRING, "Image format of the base image")
        .with(DATA_FILE, Type.STRING, "File name of an external data file")
        .with(DATA_FILE_RAW, Type.BOOL, "The external data file must stay valid as a raw image")
        .with(LAZY_REFCOUNTS, Type.BOOL, "Postpone refcount updates", "off")
        .with(REFCOUNT_BITS, Type.NUMBER, "Width of a reference count entry in bits", "16");
  }

  private static OptionTable qcow() {
    return OptionTable.empty()
        .with(SIZE, Type.SIZE, "Virtual disk size")
        .with(BACKING_FILE, Type.STRING, "File name of a base image")
        .with(BACKING_FORMAT, Type.STRING, "Format of the backing image")
        .with(ENCRYPTION, Type.BOOL, ENCRYPTION_HELP)
        .with(ENCRYPT_FORMAT, Type.STRING, "Encrypt the image, format choices: 'aes'")
        .with(ENCRYPT_SECRET, Type.STRING, "ID of the secret that provides the AES encryption key");
  }

  /** What {@code amend} may change in QCOW2. */
  static OptionTable amendQcow2() {
    return OptionTable.empty()
        .with(
            "encrypt.state", Type.STRING, "Select new state of affected keyslots (active/inactive)")
        .with(
            "encrypt.new-secret",
            Type.STRING,
            "New secret to set in the matching keyslots. Empty string to erase")
        .with("encrypt.old-secret", Type.STRING, "Select all keyslots that match this password")
        .with("encrypt.keyslot", Type.NUMBER, "Select a single keyslot to modify explicitly")
        .with("encrypt.iter-time", Type.NUMBER, "Time to spend in PBKDF in milliseconds")
        .append(
            OptionTable.empty()
                .with(SIZE, Type.SIZE, "Virtual disk size")
                .with(COMPAT, Type.STRING, "Compatibility level (v2 [0.10] or v3 [1.1])")
                .with(BACKING_FILE, Type.STRING, "File name of a base image")
                .with(BACKING_FORMAT, Type.STRING, "Image format of the base image")
                .with(DATA_FILE, Type.STRING, "File name of an external data file")
                .with(
                    DATA_FILE_RAW,
                    Type.BOOL,
                    "The external data file must stay valid as a raw image")
                .with(LAZY_REFCOUNTS, Type.BOOL, "Postpone refcount updates", "off")
                .with(
                    REFCOUNT_BITS, Type.NUMBER, "Width of a reference count entry in bits", "16"));
  }

  /** Whether QEMU and this library know a driver of that name. */
  static boolean known(String driver) {
    for (ImageFormat format : ImageFormat.values()) {
      if (format != ImageFormat.PROBE && format.qemuName().equals(driver)) {
        return true;
      }
    }
    return switch (driver) {
      case "file", "null-co", "null-aio", "blkdebug", "throttle", "copy-on-read" -> true;
      default -> false;
    };
  }
}
