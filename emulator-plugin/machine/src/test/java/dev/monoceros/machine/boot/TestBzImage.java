package dev.monoceros.machine.boot;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPOutputStream;
import net.jpountz.lz4.LZ4Factory;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.tukaani.xz.FilterOptions;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.LZMAOutputStream;
import org.tukaani.xz.X86Options;
import org.tukaani.xz.XZ;
import org.tukaani.xz.XZOutputStream;

/**
 * Writes bzImages as the kernel's build does (boot.rst), with each of its compressors and their
 * options.
 */
final class TestBzImage {
  enum Packing {
    LZ4,
    GZIP,
    XZ,
    ZSTD,
    BZIP2,
    LZMA,
    NONE
  }

  private static final int SETUP_SECTORS = 4;
  private static final int PAYLOAD_OFFSET = 0x80;
  private static final int LZ4_BLOCK = 8 << 20;

  int version = 0x20f;
  int xloadFlags = 0x1;
  long preferred = 0x1000000;
  long initSize = 0x200000;
  int commandLineSize = 2047;
  long initrdMax = 0x7fffffffL;
  String kernelVersion = "6.1.0-test (builder@host) #1";

  byte[] build(byte[] kernel, Packing packing) {
    return wrap(payload(kernel, packing));
  }

  byte[] wrap(byte[] payload) {
    int setup = (SETUP_SECTORS + 1) * 512;
    ByteBuffer b =
        ByteBuffer.allocate(setup + PAYLOAD_OFFSET + payload.length + 64)
            .order(ByteOrder.LITTLE_ENDIAN);
    b.put(0x1f1, (byte) SETUP_SECTORS);
    b.putShort(0x1fe, (short) 0xaa55);
    b.put(0x200, (byte) 0xeb).put(0x201, (byte) 0x6a);
    b.putInt(0x202, 0x53726448);
    b.putShort(0x206, (short) version);
    b.putShort(0x20e, (short) 0x300);
    b.put(0x211, (byte) 0x01);
    b.putInt(0x22c, (int) initrdMax);
    b.putInt(0x230, 0x200000);
    b.put(0x234, (byte) 1);
    b.putShort(0x236, (short) xloadFlags);
    b.putInt(0x238, commandLineSize);
    b.putInt(0x248, PAYLOAD_OFFSET);
    b.putInt(0x24c, payload.length);
    b.putLong(0x258, preferred);
    b.putInt(0x260, (int) initSize);
    b.put(0x500, kernelVersion.getBytes(StandardCharsets.US_ASCII));
    b.put(setup + PAYLOAD_OFFSET, payload);
    return b.array();
  }

  static byte[] payload(byte[] kernel, Packing packing) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      pack(kernel, packing, out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (packing != Packing.GZIP) {
      out.writeBytes(
          ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(kernel.length).array());
    }
    return out.toByteArray();
  }

  private static void pack(byte[] kernel, Packing packing, ByteArrayOutputStream out)
      throws IOException {
    switch (packing) {
      case LZ4 -> lz4(kernel, out);
      case GZIP -> write(new GZIPOutputStream(out), kernel);
      case XZ ->
          write(
              new XZOutputStream(
                  out, new FilterOptions[] {new X86Options(), new LZMA2Options(1)}, XZ.CHECK_CRC32),
              kernel);
      case ZSTD -> out.writeBytes(Zstd.compress(kernel, 19));
      case BZIP2 -> write(new BZip2CompressorOutputStream(out), kernel);
      // Size -1: unknown, with an end marker, as "lzma" writes when it reads a pipe.
      case LZMA -> write(new LZMAOutputStream(out, new LZMA2Options(1), -1), kernel);
      case NONE -> out.writeBytes(kernel);
    }
  }

  private static void write(OutputStream compressor, byte[] bytes) throws IOException {
    try (compressor) {
      compressor.write(bytes);
    }
  }

  private static void lz4(byte[] kernel, ByteArrayOutputStream out) {
    out.writeBytes(new byte[] {0x02, 0x21, 0x4c, 0x18});
    for (int from = 0; from < kernel.length; from += LZ4_BLOCK) {
      byte[] block =
          LZ4Factory.fastestInstance()
              .highCompressor()
              .compress(kernel, from, Math.min(LZ4_BLOCK, kernel.length - from));
      out.writeBytes(
          ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(block.length).array());
      out.writeBytes(block);
    }
  }
}
