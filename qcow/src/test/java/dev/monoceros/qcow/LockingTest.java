package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.oracle.LockHolder;
import dev.monoceros.qcow.oracle.NeedsQemu;
import dev.monoceros.qcow.oracle.QemuImg;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One writer or many readers, in this JVM, in another, and against qemu-img. */
@NeedsQemu
class LockingTest {
  private static final OpenOptions WRITE = OpenOptions.defaults();
  private static final OpenOptions READ = OpenOptions.defaults().withReadOnly(true);

  private static final String GET_WRITE = "Failed to get \"write\" lock";
  private static final String GET_SHARED = "Failed to get shared \"write\" lock";

  @TempDir Path directory;
  private Path path;

  @BeforeEach
  void image() throws Exception {
    path = directory.resolve("disk.qcow2");
    DiskImage.create(path, CreateOptions.qcow2(1 << 20)).close();
  }

  private void assertLocked(OpenOptions options, String words) {
    ImageException e =
        catchThrowableOfType(ImageException.class, () -> DiskImage.open(path, options).close());
    assertThat(e).isNotNull();
    assertThat(e.kind()).isEqualTo(ErrorKind.LOCKED);
    assertThat(e).hasMessage(path + ": " + words);
    assertThat(e.hint()).hasValue("Is another process using the image [" + path + "]?");
  }

  @Test
  void aWriterExcludesEverybodyInThisJvm() throws Exception {
    try (DiskImage image = DiskImage.open(path, WRITE)) {
      assertLocked(WRITE, GET_WRITE);
      assertLocked(READ, GET_SHARED);
      assertThat(image.size()).isEqualTo(1 << 20);
    }
    DiskImage.open(path, WRITE).close();
  }

  @Test
  void anotherNameOfTheFileIsTheSameFile() throws Exception {
    Path link = Files.createSymbolicLink(directory.resolve("link"), path);
    Path hard = Files.createLink(directory.resolve("hard"), path);
    try (DiskImage image = DiskImage.open(path, WRITE)) {
      for (Path other : new Path[] {link, hard}) {
        ImageException e =
            catchThrowableOfType(ImageException.class, () -> DiskImage.open(other, READ).close());
        assertThat(e.kind()).isEqualTo(ErrorKind.LOCKED);
      }
      assertThat(image.readOnly()).isFalse();
    }
  }

  @Test
  void readersShareAndExcludeAWriterUntilTheLastIsGone() throws Exception {
    DiskImage first = DiskImage.open(path, READ);
    DiskImage second = DiskImage.open(path, READ);
    first.close();
    first.close();
    assertLocked(WRITE, GET_WRITE);
    second.read(0, ByteBuffer.allocate(512));
    second.close();
    DiskImage.open(path, WRITE).close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anImageHeldByAnotherProcessIsRefused(boolean readOnly) throws Exception {
    try (LockHolder holder = LockHolder.start(path, false)) {
      assertLocked(readOnly ? READ : WRITE, readOnly ? GET_SHARED : GET_WRITE);
      assertThat(holder.isAlive()).isTrue();
    }
    DiskImage.open(path, WRITE).close();
  }

  @Test
  void readersInTwoProcessesShare() throws Exception {
    try (LockHolder holder = LockHolder.start(path, true)) {
      DiskImage.open(path, READ).close();
      assertLocked(WRITE, GET_WRITE);
      assertThat(holder.isAlive()).isTrue();
    }
  }

  /** The trap of POSIX locks: closing any descriptor of a file drops the process's locks on it. */
  @Test
  void aRefusedSecondOpenDoesNotLoseTheFirstOnesLock() throws Exception {
    QemuImg.require();
    try (DiskImage image = DiskImage.open(path, WRITE)) {
      assertLocked(READ, GET_SHARED);
      assertThat(QemuImg.run("info", path).output()).contains("lock");
      assertThat(image.readOnly()).isFalse();
    }
    try (DiskImage reader = DiskImage.open(path, READ)) {
      DiskImage.open(path, READ).close();
      assertThat(QemuImg.run("resize", path, "2M").output()).contains("lock");
      assertThat(reader.size()).isEqualTo(1 << 20);
    }
    QemuImg.succeed("resize", path, "2M");
  }

  @Test
  void qemuReadsWhatWeReadAndWaitsForWhatWeWrite() throws Exception {
    QemuImg.require();
    try (DiskImage image = DiskImage.open(path, READ)) {
      QemuImg.succeed("info", path);
      QemuImg.assertClean(path);
      assertThat(image.readOnly()).isTrue();
    }
    try (DiskImage image = DiskImage.open(path, WRITE)) {
      assertThat(QemuImg.run("check", path).exitCode()).isNotZero();
      assertThat(image.readOnly()).isFalse();
    }
  }

  @Test
  void creatingOverAFileInUseIsRefusedAndLeavesItAlone() throws Exception {
    byte[] before = Files.readAllBytes(path);
    try (DiskImage image = DiskImage.open(path, READ)) {
      CreateOptions options = CreateOptions.qcow2(4096).withOverwrite(true);
      ImageException e =
          catchThrowableOfType(ImageException.class, () -> DiskImage.create(path, options).close());
      assertThat(e.kind()).isEqualTo(ErrorKind.LOCKED);
      assertThat(image.size()).isEqualTo(1 << 20);
    }
    assertThat(Files.readAllBytes(path)).isEqualTo(before);
  }

  /** Its locks are all shared ones: seeing them takes a native call. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anImageThatQemuWritesIsRefused(boolean readOnly) throws Exception {
    Process writer = startWriter();
    try {
      ImageException e = null;
      for (int i = 0; e == null && i < 2000; i++) {
        if (!writer.isAlive()) {
          writer = startWriter(); // we had the image open when it wanted to
        }
        e =
            catchThrowableOfType(
                ImageException.class, () -> DiskImage.open(path, readOnly ? READ : WRITE).close());
        Thread.sleep(20);
      }
      assertThat(e).isNotNull();
      assertThat(e.kind()).isEqualTo(ErrorKind.LOCKED);
      assertLocked(readOnly ? READ : WRITE, readOnly ? GET_SHARED : GET_WRITE);
      DiskImage.open(path, READ.withForceShare(true)).close();
    } finally {
      writer.destroyForcibly().waitFor();
    }
  }

  private Process startWriter() throws Exception {
    return QemuImg.start("bench", "-w", "-c", "2000000000", "-f", "qcow2", path);
  }

  @Test
  void forceShareReadsWhatAnotherImageOfThisProcessWritesAndTakesNoLock() throws Exception {
    OpenOptions shared = READ.withForceShare(true);
    try (DiskImage image = DiskImage.open(path, WRITE);
        DiskImage reader = DiskImage.open(path, shared)) {
      image.write(0, ByteBuffer.wrap(new byte[] {1, 2, 3}));
      image.flush();
      assertThat(reader.size()).isEqualTo(image.size());
    }
    try (DiskImage reader = DiskImage.open(path, shared);
        DiskImage image = DiskImage.open(path, WRITE)) {
      assertThat(reader.readOnly()).isTrue();
      assertThat(image.readOnly()).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aJvmWithoutNativeAccessExcludesOthersAllTheSameAndPrintsNoWarning(boolean readOnly)
      throws Exception {
    Path errors = directory.resolve("errors");
    try (LockHolder holder = LockHolder.startWithoutNativeAccess(path, readOnly, errors)) {
      assertThat(holder.knowsHoles()).isFalse();
      assertLocked(WRITE, GET_WRITE);
      if (readOnly) {
        DiskImage.open(path, READ).close();
      } else {
        assertLocked(READ, GET_SHARED);
      }
    }
    assertThat(errors).isEmptyFile();
    try (LockHolder holder = LockHolder.start(path, false)) {
      assertThat(holder.knowsHoles()).isTrue();
    }
  }
}
