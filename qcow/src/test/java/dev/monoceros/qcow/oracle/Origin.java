package dev.monoceros.qcow.oracle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Images as qemu-img makes them. */
public enum Origin {
  PLAIN("cluster_size=4096", false, false, false),
  WIDE("cluster_size=512,refcount_bits=64", false, false, false),
  NARROW("cluster_size=1024,refcount_bits=1", false, false, false),
  VERSION2("compat=0.10,cluster_size=2048", true, false, false),
  SNAPSHOT("cluster_size=4096,refcount_bits=8", true, false, false),
  BITMAPS("cluster_size=4096", false, true, false),
  COMPRESSED("cluster_size=4096", true, false, true),
  ZSTD("compression_type=zstd", false, false, true),
  SUBCLUSTERS("extended_l2=on,cluster_size=16384", true, false, false),
  BIG("cluster_size=65536", false, true, false);

  /** Size of the disk in bytes. */
  public static final int DISK = 2 << 20;

  private final String options;
  private final boolean snapshot;
  private final boolean bitmap;
  private final boolean compressed;

  Origin(String options, boolean snapshot, boolean bitmap, boolean compressed) {
    this.options = options;
    this.snapshot = snapshot;
    this.bitmap = bitmap;
    this.compressed = compressed;
  }

  /** A disk of {@link #DISK} bytes with data, in an image file. */
  public byte[] make(Path directory) throws IOException {
    Path raw = directory.resolve("origin.raw");
    Path image = directory.resolve("origin.qcow2");
    Files.write(raw, contents());
    String compress = compressed ? "-cW" : "-W";
    QemuImg.succeed("convert", compress, "-f", "raw", "-O", "qcow2", "-o", options, raw, image);
    if (snapshot) {
      QemuImg.succeed("snapshot", "-c", "first", image);
    }
    if (bitmap) {
      QemuImg.succeed("bitmap", "--add", image, "b0");
      QemuImg.succeed("bitmap", "--add", "--disable", image, "b1");
    }
    return MemoryFile.load(image);
  }

  /** Half of it zero; the rest compresses well in part. */
  private static byte[] contents() {
    DiskModel model = new DiskModel(DISK);
    SplittableRandom random = new SplittableRandom(7);
    for (int at = 0; at < DISK; at += 32768) {
      int kind = random.nextInt(4);
      byte[] data = DiskModel.pattern(20000, at);
      if (kind == 1) {
        Arrays.fill(data, (byte) 5);
      }
      if (kind < 3) {
        model.put(Math.min(at, DISK - data.length), data);
      }
    }
    return model.bytes();
  }
}
