package dev.monoceros.cli.img;

import static dev.monoceros.cli.img.FormatOptions.BACKING_FILE;
import static dev.monoceros.cli.img.FormatOptions.BACKING_FORMAT;
import static dev.monoceros.cli.img.FormatOptions.CLUSTER_SIZE;
import static dev.monoceros.cli.img.FormatOptions.COMPAT;
import static dev.monoceros.cli.img.FormatOptions.COMPRESSION_TYPE;
import static dev.monoceros.cli.img.FormatOptions.DATA_FILE;
import static dev.monoceros.cli.img.FormatOptions.DATA_FILE_RAW;
import static dev.monoceros.cli.img.FormatOptions.ENCRYPTION;
import static dev.monoceros.cli.img.FormatOptions.ENCRYPT_FORMAT;
import static dev.monoceros.cli.img.FormatOptions.ENCRYPT_SECRET;
import static dev.monoceros.cli.img.FormatOptions.EXTENDED_L2;
import static dev.monoceros.cli.img.FormatOptions.LAZY_REFCOUNTS;
import static dev.monoceros.cli.img.FormatOptions.PREALLOCATION;
import static dev.monoceros.cli.img.FormatOptions.REFCOUNT_BITS;
import static dev.monoceros.cli.img.FormatOptions.SIZE;

import dev.monoceros.cli.tool.OptionValues;
import dev.monoceros.cli.tool.RefusedException;
import dev.monoceros.qcow.BackingReference;
import dev.monoceros.qcow.CompressionType;
import dev.monoceros.qcow.CreateOptions;
import dev.monoceros.qcow.ImageFormat;
import dev.monoceros.qcow.Preallocation;
import java.nio.file.Path;
import java.util.Optional;

/** Turns the texts of {@code -o} into what the library creates an image with. */
final class CreateValues {
  private static final int VERSION_2 = 2;
  private static final int VERSION_3 = 3;

  private CreateValues() {}

  /** An existing file is overwritten, as qemu-img does. */
  static CreateOptions options(String format, OptionValues values) throws RefusedException {
    CreateOptions options =
        CreateOptions.qcow2(values.number(SIZE).orElseThrow()).withOverwrite(true);
    return switch (format) {
      case "qcow2" -> qcow2(options, values);
      case "qcow" -> backing(options.withFormat(ImageFormat.QCOW), values);
      default -> options.withFormat(ImageFormat.RAW).withPreallocation(preallocation(values));
    };
  }

  private static CreateOptions qcow2(CreateOptions start, OptionValues values)
      throws RefusedException {
    CreateOptions options = start;
    if (values.flag(DATA_FILE_RAW).orElse(false)) {
      options = options.withDataFileRaw(true);
    }
    if (values.has(DATA_FILE)) {
      options = options.withDataFile(values.text(DATA_FILE).map(Path::of));
    }
    options = options.withExtendedL2(values.flag(EXTENDED_L2).orElse(false));
    if (values.has(COMPAT)) {
      options = options.withVersion(version(values.text(COMPAT).orElseThrow()));
    }
    options = backing(options, values);
    if (values.has(CLUSTER_SIZE)) {
      options = options.withClusterSize(values.number(CLUSTER_SIZE).orElseThrow());
    }
    options =
        options
            .withPreallocation(preallocation(values))
            .withLazyRefcounts(values.flag(LAZY_REFCOUNTS).orElse(false));
    if (values.has(REFCOUNT_BITS)) {
      long bits = values.number(REFCOUNT_BITS).orElseThrow();
      options = options.withRefcountBits((int) Math.clamp(bits, -1, Integer.MAX_VALUE));
    }
    return options.withCompressionType(compressionType(values));
  }

  private static CreateOptions backing(CreateOptions options, OptionValues values)
      throws RefusedException {
    refuseEncryption(values);
    Optional<String> format = values.text(BACKING_FORMAT);
    if (format.isPresent() && !FormatOptions.known(format.get())) {
      throw notAccepted("backing-fmt", format.get());
    }
    Optional<String> file = values.text(BACKING_FILE);
    if (format.isPresent() && file.isEmpty()) {
      throw new RefusedException("Backing format cannot be used without backing file");
    }
    return options.withBacking(file.map(f -> new BackingReference(f, format)));
  }

  private static void refuseEncryption(OptionValues values) throws RefusedException {
    boolean old = values.flag(ENCRYPTION).orElse(false);
    Optional<String> format = values.text(ENCRYPT_FORMAT);
    if (!old && format.isEmpty()) {
      return;
    }
    if (values.has(ENCRYPTION) && format.isPresent()) {
      throw new RefusedException(
          "'encrypt.format' and its alias 'encryption' can't be used at the same time");
    }
    String wanted = format.orElse("aes");
    if (!wanted.equals("aes") && !wanted.equals("luks")) {
      throw notAccepted("format", wanted);
    }
    if (!values.has(ENCRYPT_SECRET)) {
      throw new RefusedException("Parameter 'encrypt.key-secret' is required for cipher");
    }
    throw new RefusedException("Encryption with '" + wanted + "' is not supported");
  }

  /** Version 2 or 3 of {@code compat}. */
  static int version(String compat) throws RefusedException {
    return switch (compat) {
      case "0.10", "v2" -> VERSION_2;
      case "1.1", "v3" -> VERSION_3;
      default -> throw notAccepted("version", compat);
    };
  }

  private static Preallocation preallocation(OptionValues values) throws RefusedException {
    String mode = values.text(PREALLOCATION).orElse("off");
    return preallocation(mode).orElseThrow(() -> notAccepted("preallocation", mode));
  }

  /** The mode of that name. */
  static Optional<Preallocation> preallocation(String mode) {
    return switch (mode) {
      case "off" -> Optional.of(Preallocation.OFF);
      case "metadata" -> Optional.of(Preallocation.METADATA);
      case "falloc" -> Optional.of(Preallocation.FALLOC);
      case "full" -> Optional.of(Preallocation.FULL);
      default -> Optional.empty();
    };
  }

  private static CompressionType compressionType(OptionValues values) throws RefusedException {
    String type = values.text(COMPRESSION_TYPE).orElse("zlib");
    return switch (type) {
      case "zlib" -> CompressionType.ZLIB;
      case "zstd" -> CompressionType.ZSTD;
      default -> throw notAccepted("compression-type", type);
    };
  }

  private static RefusedException notAccepted(String parameter, String value) {
    return new RefusedException(
        "Parameter '" + parameter + "' does not accept value '" + value + "'");
  }
}
