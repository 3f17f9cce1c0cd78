package dev.monoceros.qcow.format;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Names the format of an image from its first sector. */
public final class FormatProbe {
  /** How much of an image decides: one sector, in bytes. */
  public static final int SECTOR = 512;

  public static final String QCOW = "qcow";
  public static final String RAW = "raw";

  /** Signature bytes at a fixed place; compared by nobody. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Signature(String format, int offset, byte[] bytes) {
    Signature(String format, String ascii) {
      this(format, 0, ascii.getBytes(StandardCharsets.ISO_8859_1));
    }

    boolean matches(byte[] sector) {
      return Arrays.equals(sector, offset, offset + bytes.length, bytes, 0, bytes.length);
    }
  }

  private static final List<Signature> SIGNATURES =
      List.of(
          new Signature(QCOW, "QFI\u00fb"),
          new Signature("qed", "QED\0"),
          new Signature("vmdk", "KDMV"),
          new Signature("vmdk", "COWD"),
          new Signature("vmdk", "# Disk DescriptorFile"),
          new Signature("vhdx", "vhdxfile"),
          new Signature("vpc", "conectix"),
          new Signature("luks", "LUKS\u00ba\u00be"),
          new Signature("parallels", "WithoutFreeSpace"),
          new Signature("parallels", "WithouFreSpacExt"),
          new Signature("bochs", "Bochs Virtual HD Image"),
          new Signature("cloop", "#!/bin/sh\n#V2.0 Format\n"),
          // The VDI signature 0xbeda107f, little-endian, follows 64 bytes of free text.
          new Signature("vdi", 0x40, new byte[] {0x7f, 0x10, (byte) 0xda, (byte) 0xbe}));

  private FormatProbe() {}

  /**
   * Name of the format as QEMU calls it, {@link #RAW} if nothing matches.
   *
   * @param start the first {@link #SECTOR} bytes of the file, fewer if it is shorter
   */
  public static String probe(ByteBuffer start) {
    byte[] sector = new byte[SECTOR];
    start.duplicate().get(sector, 0, Math.min(SECTOR, start.remaining()));
    for (Signature signature : SIGNATURES) {
      if (signature.matches(sector)) {
        return signature.format();
      }
    }
    return RAW;
  }
}
