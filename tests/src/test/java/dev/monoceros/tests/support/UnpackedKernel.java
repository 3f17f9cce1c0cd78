package dev.monoceros.tests.support;

import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.compress.compressors.lz4.BlockLZ4CompressorInputStream;

/**
 * The vmlinux inside Debian's bzImage, which QEMU's microvm boots without firmware (Linux,
 * Documentation/arch/x86/boot.rst: payload_offset, payload_length; LZ4's legacy frame).
 */
public final class UnpackedKernel {
  private static final int SECTOR = 512;
  private static final int SETUP_SECTS = 0x1f1;
  private static final int PAYLOAD_OFFSET = 0x248;
  private static final int PAYLOAD_LENGTH = 0x24c;
  private static final int LZ4_LEGACY_MAGIC = 0x184c2102;
  private static final int SIZE_AFTER_PAYLOAD = 4;

  private UnpackedKernel() {}

  /** Writes the vmlinux of a bzImage with an LZ4 payload. */
  public static Path write(Path bzImage, Path vmlinux) throws IOException {
    ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(bzImage)).order(ByteOrder.LITTLE_ENDIAN);
    int start = (Byte.toUnsignedInt(file.get(SETUP_SECTS)) + 1) * SECTOR;
    int payload = start + file.getInt(PAYLOAD_OFFSET);
    file.limit(payload + file.getInt(PAYLOAD_LENGTH) - SIZE_AFTER_PAYLOAD).position(payload);
    if (file.getInt() != LZ4_LEGACY_MAGIC) {
      throw new IOException(bzImage + " holds no LZ4 payload");
    }
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(vmlinux))) {
      while (file.remaining() > Integer.BYTES) {
        byte[] block = new byte[file.getInt()];
        file.get(block);
        new BlockLZ4CompressorInputStream(new ByteArrayInputStream(block)).transferTo(out);
      }
    }
    return vmlinux;
  }
}
