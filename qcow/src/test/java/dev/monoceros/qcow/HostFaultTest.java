package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.oracle.DiskModel;
import dev.monoceros.qcow.oracle.FaultyFile;
import dev.monoceros.qcow.oracle.MemoryFile;
import dev.monoceros.qcow.oracle.NeedsQemu;
import dev.monoceros.qcow.oracle.Origin;
import dev.monoceros.qcow.oracle.QemuImg;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each access of each operation fails once: it is said, nothing breaks, and a retry succeeds. */
@NeedsQemu
class HostFaultTest {
  /** Of the faults of one operation, so many are shown to qemu-img. */
  private static final int ORACLE_EVERY = 7;

  @TempDir Path directory;

  @BeforeEach
  void oracle() {
    QemuImg.require();
  }

  /** Changes of the image as a whole, and of data in other ways than a plain write. */
  enum Change {
    SNAPSHOT {
      @Override
      void make(DiskImage image) throws ImageException {
        image.snapshots().create("new", 1, 2);
      }
    },
    APPLY {
      @Override
      void make(DiskImage image) throws ImageException {
        image.snapshots().apply("first");
      }
    },
    DELETE {
      @Override
      void make(DiskImage image) throws ImageException {
        image.snapshots().delete("first");
      }
    },
    GROW {
      @Override
      void make(DiskImage image) throws ImageException {
        image.resize(64L << 20, Preallocation.OFF, false);
      }
    },
    SHRINK {
      @Override
      void make(DiskImage image) throws ImageException {
        image.resize(1 << 20, Preallocation.OFF, true);
      }
    },
    ZERO {
      @Override
      void make(DiskImage image) throws ImageException {
        image.writeZeroes(3000, 500_000, true);
        image.flush();
      }
    },
    DISCARD {
      @Override
      void make(DiskImage image) throws ImageException {
        image.discard(0, 1 << 20);
        image.flush();
      }
    },
    COMPRESS {
      @Override
      void make(DiskImage image) throws ImageException {
        byte[] same = new byte[8 * image.clusterSize()];
        Arrays.fill(same, (byte) 3);
        image.discard(0, same.length);
        image.writeCompressed(0, ByteBuffer.wrap(same));
        image.flush();
      }
    },
    BITMAP {
      @Override
      void make(DiskImage image) throws ImageException {
        image.bitmaps().add("new", Bitmaps.DEFAULT_GRANULARITY, true);
      }
    },
    CHECK {
      @Override
      void make(DiskImage image) throws ImageException {
        assertThat(image.check(Repair.ALL).clean()).isTrue();
      }
    };

    abstract void make(DiskImage image) throws ImageException;
  }

  @ParameterizedTest
  @EnumSource
  void everyFailedAccessOfAChangeSurfacesAndARetrySucceeds(Change change) throws Exception {
    byte[] origin = Origin.SNAPSHOT.make(directory);
    int access = 0;
    for (boolean fired = true; fired; access++) {
      FaultyFile file = new FaultyFile(origin);
      DiskImage image = DiskImage.open(file, OpenOptions.defaults());
      file.failAfter(access, 1, access % 2 == 0 ? "Input/output error" : "No space left on device");
      boolean failed = fails(image, change);
      fired = file.fired();
      assertThat(failed).as("%s, access %d", change, access).isEqualTo(fired);
      file.heal();
      if (failed) {
        retry(image, change);
      }
      image.close();
      if (access % ORACLE_EVERY == 0 || !fired) {
        assertConsistent(file.bytes(), change + ", access " + access);
      }
    }
    assertThat(access).as("accesses").isGreaterThan(2);
  }

  private static boolean fails(DiskImage image, Change change) {
    try {
      change.make(image);
      return false;
    } catch (ImageException e) {
      assertThat(e.kind()).isIn(ErrorKind.IO, ErrorKind.NO_SPACE);
      assertThat(e).hasCauseInstanceOf(IOException.class);
      return true;
    }
  }

  /** What took effect although its last access failed is not there to be done again. */
  private static void retry(DiskImage image, Change change) {
    try {
      change.make(image);
    } catch (ImageException e) {
      boolean done =
          (change == Change.DELETE && e.kind() == ErrorKind.NOT_FOUND)
              || (change == Change.BITMAP && e.kind() == ErrorKind.EXISTS);
      assertThat(done).as("%s: %s", change, e).isTrue();
    }
  }

  private void assertConsistent(byte[] bytes, String name) throws Exception {
    Path path = directory.resolve("left.qcow2");
    Files.write(path, bytes);
    QemuImg.Result result = QemuImg.run("check", path);
    assertThat(result.exitCode()).as("%s: %s", name, result.output()).isIn(0, 3);
    assertThat(result.output()).as(name).doesNotContain("ERROR");
  }

  @ParameterizedTest
  @EnumSource
  void everyFailedAccessOfOpeningIsSaidAndClosesTheFile(Origin origin) throws Exception {
    byte[] good = origin.make(directory);
    for (boolean readOnly : new boolean[] {true, false}) {
      int access = 0;
      for (boolean fired = true; fired; access++) {
        FaultyFile file = new FaultyFile(good);
        file.failAfter(access, 1, "Input/output error");
        OpenOptions options = OpenOptions.defaults().withReadOnly(readOnly);
        ImageException e =
            catchThrowableOfType(ImageException.class, () -> DiskImage.open(file, options).close());
        fired = file.fired();
        assertThat(e != null).as("access %d", access).isEqualTo(fired);
        assertThat(file.isClosed()).isTrue();
        assertThat(file.bytes()).isEqualTo(good);
      }
      assertThat(access).isGreaterThan(2);
    }
  }

  /** A host may read less than it was asked for. */
  private static final class SlowFile extends MemoryFile {
    private static final int MOST = 100;

    SlowFile(byte[] initial) {
      super(initial);
    }

    @Override
    protected int most(int wanted) {
      return Math.min(wanted, MOST);
    }
  }

  @ParameterizedTest
  @EnumSource
  void shortReadsAreCompleted(Origin origin) throws Exception {
    byte[] good = origin.make(directory);
    DiskModel model = new DiskModel(Origin.DISK);
    Path path = directory.resolve("short.qcow2");
    Files.write(path, good);
    model.put(0, QemuImg.contents(path));
    SlowFile file = new SlowFile(good);
    try (DiskImage image = DiskImage.open(file, OpenOptions.defaults())) {
      model.assertWholeDisk(image);
      model.write(image, 70_000, 9000, 5);
      assertThat(image.check(Repair.ALL).clean()).isTrue();
      model.assertWholeDisk(image);
    }
    Files.write(path, file.bytes());
    QemuImg.assertClean(path);
    model.assertEquals(QemuImg.contents(path));
  }

  /** Somebody else cuts the file that is open here. */
  private static final class ShrunkFile extends MemoryFile {
    ShrunkFile(byte[] initial) {
      super(initial);
    }

    void shrinkTo(long length) {
      cut(length);
    }
  }

  @Test
  void aFileThatIsCutShortUnderneathIsSaidToBe() throws Exception {
    byte[] good = Origin.PLAIN.make(directory);
    int noticed = 0;
    for (int length = 0; length < good.length; length += good.length / 23) {
      ShrunkFile file = new ShrunkFile(good);
      DiskImage image = DiskImage.open(file, OpenOptions.defaults().withReadOnly(true));
      file.shrinkTo(length);
      ImageException e =
          catchThrowableOfType(
              ImageException.class, () -> image.read(0, ByteBuffer.allocate(Origin.DISK)));
      assertThat(e.kind()).isEqualTo(ErrorKind.IO);
      assertThat(e).hasMessageContaining("cut short");
      e = catchThrowableOfType(ImageException.class, () -> image.check(Repair.NONE));
      // A check reads no data: it need not notice that some is gone.
      if (e != null) {
        assertThat(e.kind()).isEqualTo(ErrorKind.IO);
        noticed++;
      }
      image.close();
    }
    assertThat(noticed).as("lengths at which tables are gone").isPositive();
  }
}
