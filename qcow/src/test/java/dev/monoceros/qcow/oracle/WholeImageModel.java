package dev.monoceros.qcow.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.OpenOptions;
import dev.monoceros.qcow.Snapshot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A disk that changes its size, its snapshots, and one bitmap of 512 bytes a bit. */
public final class WholeImageModel {
  private static final int SECTOR = 512;

  private byte[] disk;
  private final Map<String, byte[]> snapshots = new TreeMap<>();
  private boolean[] bitmap;

  public WholeImageModel(int size) {
    disk = new byte[size];
  }

  public int size() {
    return disk.length;
  }

  public byte[] disk() {
    return disk;
  }

  public void write(int at, byte[] data) {
    System.arraycopy(data, 0, disk, at, data.length);
    mark(at, data.length);
  }

  /** Whole clusters read as zero afterwards; the bitmap counts all of it as changed. */
  public void discard(int at, int length, int cluster) {
    int from = (at + cluster - 1) / cluster * cluster;
    int end = at + length;
    int to = end == disk.length ? end : end / cluster * cluster;
    if (from < to) {
      Arrays.fill(disk, from, to, (byte) 0);
    }
    mark(at, length);
  }

  private void mark(int at, int length) {
    if (bitmap != null && length > 0) {
      Arrays.fill(bitmap, at / SECTOR, (at + length - 1) / SECTOR + 1, true);
    }
  }

  /** Everything the image holds is gone; no write, so no bit. */
  public void empty() {
    Arrays.fill(disk, (byte) 0);
  }

  /** The id that the next snapshot must get. */
  public String nextId() {
    int largest = snapshots.keySet().stream().mapToInt(Integer::parseInt).max().orElse(0);
    return Integer.toString(largest + 1);
  }

  public void snapshot() {
    snapshots.put(nextId(), disk.clone());
  }

  /** The id of one of the snapshots, if there are any. */
  public Optional<String> chooseSnapshot(int number) {
    List<String> ids = new ArrayList<>(snapshots.keySet());
    return ids.isEmpty() ? Optional.empty() : Optional.of(ids.get(number % ids.size()));
  }

  public void apply(String id) {
    disk = snapshots.get(id).clone();
  }

  public void delete(String id) {
    snapshots.remove(id);
  }

  public void resize(int size) {
    disk = Arrays.copyOf(disk, size);
    if (bitmap != null) {
      bitmap = Arrays.copyOf(bitmap, size / SECTOR);
    }
  }

  public boolean hasBitmap() {
    return bitmap != null;
  }

  /** A new one, or the old one cleared. */
  public void addBitmap() {
    bitmap = new boolean[disk.length / SECTOR];
  }

  public void assertDisk(DiskImage image) throws ImageException {
    assertThat(image.size()).isEqualTo(disk.length);
    assertSame(disk, contents(image), "disk");
  }

  private static byte[] contents(DiskImage image) throws ImageException {
    byte[] all = new byte[(int) image.size()];
    image.read(0, ByteBuffer.wrap(all));
    return all;
  }

  private static void assertSame(byte[] wanted, byte[] found, String what) {
    assertThat(Arrays.mismatch(wanted, found)).as("first wrong byte of %s", what).isEqualTo(-1);
  }

  /** What the library shows of the image. */
  public void assertSeenByUs(Path path) throws ImageException {
    OpenOptions options = OpenOptions.defaults().withReadOnly(true);
    try (DiskImage image = DiskImage.open(path, options)) {
      assertDisk(image);
      assertThat(image.snapshots().list())
          .extracting(Snapshot::id)
          .containsExactlyInAnyOrderElementsOf(snapshots.keySet());
      for (int i = 0; bitmap != null && i < bitmap.length; i++) {
        assertThat(image.bitmaps().test("b", (long) i * SECTOR))
            .as("bit %d", i)
            .isEqualTo(bitmap[i]);
      }
    }
    for (Map.Entry<String, byte[]> entry : snapshots.entrySet()) {
      OpenOptions view = options.withSnapshotName(Optional.of(entry.getKey()));
      try (DiskImage seen = DiskImage.open(path, view)) {
        assertSame(entry.getValue(), contents(seen), "snapshot " + entry.getKey());
      }
    }
  }

  /** What QEMU shows of it. */
  public void assertSeenByQemu(Path path) throws IOException {
    assertSame(disk, QemuImg.contents(path), "disk");
    Path raw = path.resolveSibling("snapshot.raw");
    for (Map.Entry<String, byte[]> entry : snapshots.entrySet()) {
      QemuImg.succeed("convert", "-l", "snapshot.id=" + entry.getKey(), "-O", "raw", path, raw);
      // QEMU shows a snapshot in the size of the disk, whatever size it had.
      int common = Math.min(disk.length, entry.getValue().length);
      byte[] wanted = Arrays.copyOf(entry.getValue(), common);
      byte[] found = Arrays.copyOf(Files.readAllBytes(raw), common);
      assertSame(wanted, found, "snapshot " + entry.getKey());
    }
    if (bitmap != null) {
      assertThat(QemuBitmap.dirtySectors(path, "b", disk.length)).isEqualTo(bitmap);
    }
  }
}
