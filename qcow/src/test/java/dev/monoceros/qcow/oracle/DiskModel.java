package dev.monoceros.qcow.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;

/** A disk and what it must hold: a plain byte array beside the image. */
public final class DiskModel {
  private final byte[] expected;

  public DiskModel(int size) {
    expected = new byte[size];
  }

  /** A copy of another model's state. */
  public DiskModel(DiskModel other) {
    expected = other.expected.clone();
  }

  public byte[] bytes() {
    return expected;
  }

  public int size() {
    return expected.length;
  }

  /** Writes recognisable bytes to both. */
  public void write(DiskImage image, long offset, int length, long seed) throws ImageException {
    byte[] data = pattern(length, seed);
    image.write(offset, ByteBuffer.wrap(data));
    System.arraycopy(data, 0, expected, (int) offset, length);
  }

  /** Changes the model only, for a write whose image call is made elsewhere. */
  public void put(long offset, byte[] data) {
    System.arraycopy(data, 0, expected, (int) offset, data.length);
  }

  public void writeZeroes(DiskImage image, long offset, int length, boolean mayUnmap)
      throws ImageException {
    image.writeZeroes(offset, length, mayUnmap);
    Arrays.fill(expected, (int) offset, (int) offset + length, (byte) 0);
  }

  /** Discards in both; whole clusters then read as zero, by the contract of the image. */
  public void discard(DiskImage image, long offset, int length) throws ImageException {
    image.discard(offset, length);
    int cluster = image.clusterSize();
    long from = (offset + cluster - 1) / cluster * cluster;
    long end = offset + length;
    long to = end == expected.length ? end : end / cluster * cluster;
    if (from < to) {
      Arrays.fill(expected, (int) from, (int) to, (byte) 0);
    }
  }

  /** Reads a range through the image and compares. */
  public void assertRead(DiskImage image, long offset, int length) throws ImageException {
    ByteBuffer target = ByteBuffer.allocate(length);
    image.read(offset, target);
    byte[] wanted = Arrays.copyOfRange(expected, (int) offset, (int) offset + length);
    int difference = Arrays.mismatch(target.array(), wanted);
    assertThat(difference).as("first wrong byte of %d at %d", length, offset).isEqualTo(-1);
  }

  public void assertWholeDisk(DiskImage image) throws ImageException {
    assertThat(image.size()).isEqualTo(expected.length);
    assertRead(image, 0, expected.length);
  }

  /** What somebody else read. */
  public void assertEquals(byte[] actual) {
    assertThat(Arrays.mismatch(actual, expected)).as("first wrong byte").isEqualTo(-1);
  }

  /** Never zero, so that lost data shows. */
  public static byte[] pattern(int length, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    byte[] data = new byte[length];
    for (int i = 0; i < length; i++) {
      data[i] = (byte) (1 + random.nextInt(255));
    }
    return data;
  }
}
