package dev.monoceros.machine.boot;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Unpacks through any of the libraries that offer an {@link InputStream}, a chunk at a time. */
record StreamDecompressor(Opener opener) implements Decompressor {
  /** Wraps compressed bytes. */
  @FunctionalInterface
  interface Opener {
    InputStream open(InputStream compressed) throws IOException;
  }

  private static final int CHUNK = 1 << 18;

  @Override
  public void decompress(MemorySegment payload, MemorySegment target) throws IOException {
    byte[] chunk = new byte[CHUNK];
    long produced = 0;
    try (InputStream in =
        opener.open(new ByteArrayInputStream(payload.toArray(ValueLayout.JAVA_BYTE)))) {
      while (produced < target.byteSize()) {
        int read = in.read(chunk, 0, (int) Math.min(CHUNK, target.byteSize() - produced));
        if (read < 0) {
          throw new IOException(
              "it unpacks to %d bytes and not to the %d it declares"
                  .formatted(produced, target.byteSize()));
        }
        MemorySegment.copy(chunk, 0, target, ValueLayout.JAVA_BYTE, produced, read);
        produced += read;
      }
      // Reading the end makes the library compare its checksum.
      if (in.read() >= 0) {
        throw new IOException(
            "it unpacks to more than the %d bytes it declares".formatted(produced));
      }
    }
  }
}
