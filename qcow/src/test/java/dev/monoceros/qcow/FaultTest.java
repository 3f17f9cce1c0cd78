package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.oracle.DiskModel;
import dev.monoceros.qcow.oracle.FaultyFile;
import dev.monoceros.qcow.oracle.MemoryFile;
import dev.monoceros.qcow.oracle.NeedsQemu;
import dev.monoceros.qcow.oracle.QemuImg;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The host fails: the error surfaces, the image stays consistent, a retry succeeds. */
@NeedsQemu
class FaultTest {
  private static final String EIO = "Input/output error";
  private static final String ENOSPC = "No space left on device";
  private static final int L1_TABLE_OFFSET = 40;
  private static final int CLUSTER = 512;
  private static final int PER_TABLE = 64 * CLUSTER;

  @TempDir Path directory;

  @BeforeAll
  static void oracle() {
    QemuImg.require();
  }

  @Test
  @DisplayName("if linking a new table fails, the file is cut back and refcounts restored")
  void ifLinkingANewTableFailsTheFileIsCutBackAndRefcountsRestored() throws Exception {
    byte[] origin = created("compat=1.1,cluster_size=512", "1M");
    byte[] data = DiskModel.pattern(CLUSTER, 1);
    int faults = 0;
    for (int access = 0; ; access++) {
      FaultyFile file = new FaultyFile(origin);
      DiskImage image = DiskImage.open(file, OpenOptions.defaults());
      image.write(0, ByteBuffer.wrap(data));
      image.flush();
      long size = file.size();
      file.failAfter(access, 1, EIO);
      if (!failsToWrite(image, 5 * PER_TABLE, data)) {
        break;
      }
      if (l1Entry(file, 5) == 0) {
        faults++;
        assertThat(file.size()).as("fault at access %d", access).isEqualTo(size);
      }
      assertNothingIsAllocatedFor(image, file);
      image.write(5 * PER_TABLE, ByteBuffer.wrap(data));
      image.close();
      assertClean(file);
    }
    // Table contents, refcounts, flush, L1 entry: each has failed once.
    assertThat(faults).isGreaterThanOrEqualTo(4);
  }

  private static long l1Entry(FaultyFile file, int index) {
    ByteBuffer bytes = ByteBuffer.wrap(file.bytes());
    return bytes.getLong((int) bytes.getLong(L1_TABLE_OFFSET) + index * Long.BYTES);
  }

  private static boolean failsToWrite(DiskImage image, long offset, byte[] data) {
    ImageException e =
        catchThrowableOfType(
            ImageException.class, () -> image.write(offset, ByteBuffer.wrap(data)));
    if (e != null) {
      assertThat(e.kind()).isEqualTo(ErrorKind.IO);
      assertThat(e.operation()).isEqualTo(Operation.WRITE);
      assertThat(e).hasCauseInstanceOf(IOException.class);
    }
    return e != null;
  }

  /** Zero or one table was linked, and if one was its refcount is right: nothing leaks. */
  private void assertNothingIsAllocatedFor(DiskImage image, FaultyFile file) throws Exception {
    image.flush();
    assertClean(file);
    ByteBuffer zero = ByteBuffer.allocate(CLUSTER);
    image.read(5 * PER_TABLE, zero);
    assertThat(zero.array()).containsOnly(0);
  }

  @ParameterizedTest
  @CsvSource({
    "'compat=1.1,cluster_size=512,refcount_bits=64', 512, " + EIO,
    "'compat=1.1,cluster_size=4096', 4096, " + ENOSPC,
    "'compat=0.10,cluster_size=1024', 1024, " + EIO,
    "'compat=1.1,cluster_size=16384,extended_l2=on', 2048, " + EIO
  })
  void everyFailedAccessSurfacesAndARetrySucceeds(String options, int clusterSize, String errno)
      throws Exception {
    byte[] origin = created(options, "3M");
    FaultyFile file = new FaultyFile(origin);
    DiskModel model = new DiskModel(3 << 20);
    SplittableRandom random = new SplittableRandom(clusterSize);
    int faults = 0;
    OpenOptions small = OpenOptions.defaults().withL2CacheSize(1024).withL2CacheEntrySize(512);
    try (DiskImage image = DiskImage.open(file, small)) {
      for (int i = 0; i < 900; i++) {
        int length = 1 + random.nextInt(4 * clusterSize);
        int offset = random.nextInt(model.size() - length);
        int choice = random.nextInt(8);
        long seed = random.nextLong();
        file.failAfter(random.nextInt(9), 1, errno);
        faults += attempt(image, model, choice, offset, length, seed, errno) ? 0 : 1;
        file.heal();
        if (file.fired()) {
          assertThat(attempt(image, model, choice, offset, length, seed, errno)).isTrue();
        }
        model.assertRead(image, offset, length);
      }
      model.assertWholeDisk(image);
    }
    assertThat(faults).isGreaterThan(150);
    Path path = assertClean(file);
    model.assertEquals(QemuImg.contents(path));
  }

  private static boolean attempt(
      DiskImage image,
      DiskModel model,
      int choice,
      int offset,
      int length,
      long seed,
      String errno) {
    try {
      switch (choice) {
        case 0 -> model.discard(image, offset, length);
        case 1 -> model.writeZeroes(image, offset, length, true);
        case 2 -> model.writeZeroes(image, offset, length, false);
        case 3 -> image.flush();
        case 4 -> model.assertRead(image, offset, length);
        default -> model.write(image, offset, length, seed);
      }
      return true;
    } catch (ImageException e) {
      assertThat(e.kind()).isEqualTo(errno.equals(ENOSPC) ? ErrorKind.NO_SPACE : ErrorKind.IO);
      return false;
    }
  }

  @Test
  void aDiskThatStaysFullLosesNothingThatWasFlushed() throws Exception {
    FaultyFile file = new FaultyFile(created("compat=1.1,cluster_size=4096", "3M"));
    DiskModel model = new DiskModel(3 << 20);
    DiskImage image = DiskImage.open(file, OpenOptions.defaults());
    model.write(image, 100_000, 50_000, 1);
    image.flush();
    file.failAfter(0, Integer.MAX_VALUE / 2, ENOSPC);
    assertThatThrownBy(() -> image.write(1_000_000, ByteBuffer.allocate(9000)))
        .isInstanceOfSatisfying(
            ImageException.class,
            e -> {
              assertThat(e.kind()).isEqualTo(ErrorKind.NO_SPACE);
              assertThat(e).hasMessageContaining("the host disk is full");
            });
    file.heal();
    model.assertWholeDisk(image);
    image.close();
    model.assertEquals(QemuImg.contents(assertClean(file)));
  }

  @Test
  void aFailedCloseIsReportedAndReleasesTheFile() throws Exception {
    FaultyFile file = new FaultyFile(created("compat=1.1", "3M"));
    DiskImage image = DiskImage.open(file, OpenOptions.defaults());
    image.write(0, ByteBuffer.allocate(9000));
    file.failAfter(0, 100, EIO);
    assertThatThrownBy(image::close)
        .isInstanceOfSatisfying(
            ImageException.class, e -> assertThat(e.operation()).isEqualTo(Operation.CLOSE));
    assertThat(file.isClosed()).isTrue();
    image.close();
  }

  private byte[] created(String options, String size) {
    Path path = directory.resolve("origin.qcow2");
    QemuImg.succeed("create", "-f", "qcow2", "-o", options, path, size);
    return MemoryFile.load(path);
  }

  private Path assertClean(MemoryFile file) throws Exception {
    Path path = directory.resolve("left.qcow2");
    Files.write(path, file.bytes());
    QemuImg.assertClean(path);
    return path;
  }
}
