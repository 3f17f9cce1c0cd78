package dev.monoceros.qcow.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.qcow.CheckReport;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.ImageFormat;
import dev.monoceros.qcow.OpenOptions;
import dev.monoceros.qcow.Repair;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Does everything with an image that may be anything. Each operation ends with a result or an
 * {@link ImageException} that says what kind of failure it is; whatever else comes out is a bug.
 */
public final class Survival {
  private static final OpenOptions QCOW2 = OpenOptions.defaults().withFormat(ImageFormat.QCOW2);

  /** How much of a disk is read and written. */
  private static final int MOST = 1 << 20;

  private int refusals;

  /** Of a host with little space: what an image makes the file grow to must not fill the heap. */
  private static final class SmallDisk extends MemoryFile {
    private static final int SPACE = 8 << 20;

    SmallDisk(byte[] initial) {
      super(initial);
    }

    @Override
    protected void before(String access, long position, int length) throws IOException {
      if (access.equals("write") && position + length > SPACE) {
        throw new IOException("No space left on device");
      }
    }
  }

  private Survival() {}

  private interface Operation {
    void run() throws ImageException;
  }

  private interface Use {
    void of(DiskImage image) throws ImageException;
  }

  /** Tries all of it; returns how many operations were refused. */
  public static int of(byte[] image) {
    Survival survival = new Survival();
    survival.read(image);
    survival.write(image);
    survival.check(image);
    return survival.refusals;
  }

  private void attempt(Operation operation) {
    try {
      operation.run();
    } catch (ImageException e) {
      refusals++;
      assertThat(e.kind()).isNotNull();
      assertThat(e.operation()).isNotNull();
      assertThat(e.getMessage()).isNotBlank();
      assertThat(e.offset()).isGreaterThanOrEqualTo(ImageException.NO_OFFSET);
    }
  }

  private void with(MemoryFile file, OpenOptions options, Use use) {
    attempt(
        () -> {
          try (DiskImage image = DiskImage.open(file, options)) {
            use.of(image);
          }
        });
    assertThat(file.isClosed()).isTrue();
  }

  private void read(byte[] bytes) {
    with(
        new SmallDisk(bytes),
        QCOW2.withReadOnly(true),
        image -> {
          int length = (int) Math.min(MOST, image.size());
          attempt(() -> image.read(0, ByteBuffer.allocate(length)));
          attempt(() -> image.read(image.size() - length, ByteBuffer.allocate(length)));
          attempt(image::info);
          attempt(() -> image.snapshots().list());
          attempt(() -> image.bitmaps().list());
          attempt(() -> walk(image));
          attempt(() -> image.check(Repair.NONE));
        });
  }

  private static void walk(DiskImage image) throws ImageException {
    long at = 0;
    for (int i = 0; i < 2000 && at < image.size(); i++) {
      long length = image.extent(at, image.size() - at).length();
      assertThat(length).isPositive();
      at += length;
    }
  }

  private void write(byte[] bytes) {
    with(
        new SmallDisk(bytes),
        QCOW2,
        image -> {
          int length = (int) Math.min(MOST / 4, image.size());
          attempt(() -> image.write(0, ByteBuffer.allocate(length)));
          attempt(() -> image.write(image.size() - length, ByteBuffer.allocate(length)));
          attempt(() -> image.writeZeroes(0, length, true));
          attempt(() -> image.discard(length / 2, length / 2));
          attempt(image::flush);
          attempt(() -> image.snapshots().create("s", 1, 2));
          attempt(() -> image.check(Repair.ALL));
          attempt(() -> image.read(0, ByteBuffer.allocate(length)));
        });
  }

  /** What a repair calls clean stays clean, and opens for writing. */
  private void check(byte[] bytes) {
    with(
        new SmallDisk(bytes),
        QCOW2.withForCheck(true).withReadOnly(true),
        image -> image.check(Repair.NONE));
    for (Repair repair : new Repair[] {Repair.LEAKS, Repair.ALL}) {
      MemoryFile file = new SmallDisk(bytes);
      with(
          file,
          QCOW2.withForCheck(true),
          image -> {
            CheckReport report = image.check(repair);
            assertThat(report.leaksFixed()).isNotNegative();
            if (report.clean()) {
              CheckReport again = image.check(Repair.NONE);
              assertThat(again.clean()).as("after %s: %s", report, again).isTrue();
              assertThat(again.messages()).isEmpty();
            }
          });
      assertThat(file.bytes().length)
          .as("size after a repair")
          .isLessThan(2 * bytes.length + (16 << 20));
    }
  }
}
