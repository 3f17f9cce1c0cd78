package dev.monoceros.qcow.format;

import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * The header of LUKS version 1 ("LUKS1 On-Disk Format Specification", section 2) as far as it
 * describes; the names are those that QEMU prints. Keys are never read.
 *
 * @param cipher with the length of its key, as {@code aes-256}
 * @param ivgenHash only where the generator needs one
 * @param payloadOffset in bytes, from the start of the header
 */
public record LuksHeader(
    String cipher,
    String mode,
    String ivgen,
    Optional<String> ivgenHash,
    String hash,
    long payloadOffset,
    long masterKeyIterations,
    String uuid,
    List<Slot> slots) {
  /**
   * A place for a password.
   *
   * @param keyOffset in bytes, from the start of the header
   */
  public record Slot(boolean active, long iterations, long keyOffset, long stripes) {}

  private static final byte[] MAGIC = {'L', 'U', 'K', 'S', (byte) 0xba, (byte) 0xbe};
  private static final int LENGTH = 592;
  static final int SECTOR = 512;
  private static final int NAME = 32;
  private static final int VERSION_AT = 6;
  private static final int CIPHER_AT = 8;
  private static final int MODE_AT = 40;
  private static final int HASH_AT = 72;
  static final int PAYLOAD_AT = 104;
  static final int KEY_BYTES_AT = 108;
  private static final int ITERATIONS_AT = 164;
  private static final int UUID_AT = 168;
  private static final int UUID = 40;
  private static final int EXTENSION = 16;
  private static final String XTS = "xts";

  private static final List<String> MODES = List.of("ecb", "cbc", XTS, "ctr");
  private static final List<String> GENERATORS = List.of("plain", "plain64", "essiv");
  private static final List<String> HASHES =
      List.of("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "ripemd160");

  public LuksHeader {
    slots = List.copyOf(slots);
  }

  /**
   * Finds and reads it by the image's extension "Full disk encryption header pointer".
   *
   * @throws ImageFault CORRUPT if the image does not say where it is
   */
  public static LuksHeader read(OrderedFile file, Header header) throws ImageFault {
    HeaderExtension pointer = pointer(header);
    if (pointer.length() != EXTENSION) {
      throw ImageFault.corrupt(
          pointer.offset(),
          "CRYPTO header extension size " + pointer.length() + ", but expected size " + EXTENSION);
    }
    ByteBuffer place = ByteBuffer.allocate(EXTENSION);
    file.read(place, pointer.offset());
    long offset = place.getLong(0);
    int clusterSize = header.geometry().clusterSize();
    if (Long.remainderUnsigned(offset, clusterSize) != 0) {
      throw ImageFault.corrupt(
          pointer.offset(),
          "Encryption header offset '%s' is not a multiple of cluster size '%d'"
              .formatted(Long.toUnsignedString(offset), clusterSize));
    }
    if (Long.compareUnsigned(place.getLong(Long.BYTES), LENGTH) < 0) {
      throw ImageFault.corrupt(pointer.offset(), "Request for data outside of extension header");
    }
    if (offset < 0 || offset > file.size() - LENGTH) {
      throw ImageFault.corrupt(pointer.offset(), "Unable to read encryption header");
    }
    ByteBuffer bytes = ByteBuffer.allocate(LENGTH);
    file.read(bytes, offset);
    return parse(bytes.flip(), offset);
  }

  /** Fails if the image does not say where its LUKS header is. */
  public static void require(Header header) throws ImageFault {
    pointer(header);
  }

  private static HeaderExtension pointer(Header header) throws ImageFault {
    HeaderExtension pointer = null;
    for (HeaderExtension extension : header.extensions()) {
      if (extension.type() == HeaderExtension.ENCRYPTION) {
        pointer = extension;
      }
    }
    if (pointer == null) {
      throw ImageFault.corrupt(
          HeaderField.CRYPT_METHOD,
          "Missing CRYPTO header for crypt method " + Encryption.LUKS.ordinal());
    }
    return pointer;
  }

  private static LuksHeader parse(ByteBuffer bytes, long offset) throws ImageFault {
    if (!bytes.slice(0, MAGIC.length).equals(ByteBuffer.wrap(MAGIC))) {
      throw new ImageFault(ErrorKind.WRONG_FORMAT, offset, "Volume is not in LUKS format");
    }
    int version = Short.toUnsignedInt(bytes.getShort(VERSION_AT));
    if (version != 1) {
      throw ImageFault.unsupported(
          offset + VERSION_AT, "LUKS version " + version + " is not supported");
    }
    LuksSlots slots = new LuksSlots(bytes, offset);
    slots.check();
    String modes = text(bytes, MODE_AT, NAME);
    int dash = modes.indexOf('-');
    if (dash < 0) {
      throw ImageFault.corrupt(
          offset + MODE_AT, "Unexpected cipher mode string format '" + modes + "'");
    }
    String mode = known(MODES, modes.substring(0, dash), "Cipher mode", offset + MODE_AT);
    String rest = modes.substring(dash + 1);
    int colon = rest.indexOf(':');
    Optional<String> ivgenHash = Optional.empty();
    if (colon >= 0) {
      String name = rest.substring(colon + 1);
      ivgenHash = Optional.of(known(HASHES, name, "Hash algorithm", offset + MODE_AT));
      rest = rest.substring(0, colon);
    }
    String cipher = cipher(bytes, mode, offset);
    String hash = known(HASHES, text(bytes, HASH_AT, NAME), "Hash algorithm", offset + HASH_AT);
    String ivgen = known(GENERATORS, rest, "IV generator", offset + MODE_AT);
    boolean hashed = ivgen.equals("essiv");
    if (hashed && ivgenHash.isEmpty()) {
      throw ImageFault.corrupt(offset + MODE_AT, "Missing IV generator hash specification");
    }
    return new LuksHeader(
        cipher,
        mode,
        ivgen,
        hashed ? ivgenHash : Optional.empty(),
        hash,
        HeaderParser.u32(bytes, PAYLOAD_AT) * SECTOR,
        HeaderParser.u32(bytes, ITERATIONS_AT),
        text(bytes, UUID_AT, UUID),
        slots.list());
  }

  private static String text(ByteBuffer bytes, int at, int length) {
    return ExtensionParser.text(bytes, at, length);
  }

  private static String known(List<String> names, String name, String what, long at)
      throws ImageFault {
    if (!names.contains(name)) {
      throw ImageFault.unsupported(at, what + " '" + name + "' not supported");
    }
    return name;
  }

  /** In mode xts half of the key is for something else. */
  private static String cipher(ByteBuffer bytes, String mode, long offset) throws ImageFault {
    String name = text(bytes, CIPHER_AT, NAME);
    long keyBytes = HeaderParser.u32(bytes, KEY_BYTES_AT);
    long bytesOfCipher = mode.equals(XTS) ? keyBytes / 2 : keyBytes;
    List<Long> lengths =
        switch (name) {
          case "aes", "serpent", "twofish" -> List.of(16L, 24L, 32L);
          case "cast5" -> List.of(16L);
          default -> List.of();
        };
    if (!lengths.contains(bytesOfCipher)) {
      throw ImageFault.unsupported(
          offset + CIPHER_AT,
          "Algorithm '" + name + "' with key size " + bytesOfCipher + " bytes not supported");
    }
    return name + "-" + bytesOfCipher * Byte.SIZE;
  }
}
