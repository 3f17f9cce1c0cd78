package dev.monoceros.qcow.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.monoceros.qcow.oracle.DiskModel;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The real file: interrupts, kinds of refusal, and what is no file at all. */
@Timeout(60)
class HostFileTest {
  @TempDir Path directory;

  private Path file(int size) throws Exception {
    return Files.write(directory.resolve("file"), DiskModel.pattern(size, 1));
  }

  @Test
  void anInterruptedThreadReadsAndWritesAllTheSameAndStaysInterrupted() throws Exception {
    Path path = file(4096);
    byte[] data = DiskModel.pattern(1000, 2);
    try (HostFile file = HostFile.open(path, true)) {
      Thread.currentThread().interrupt();
      file.write(ByteBuffer.wrap(data), 100);
      ByteBuffer target = ByteBuffer.allocate(1000);
      assertThat(file.read(target, 100)).isEqualTo(1000);
      file.force();
      assertThat(file.size()).isEqualTo(4096);
      assertThat(Thread.interrupted()).isTrue();
      assertThat(target.array()).isEqualTo(data);
      assertThat(file.read(target.clear(), 0)).isEqualTo(1000);
    }
  }

  /** The JDK closes the channel under the reader; the file must come back each time, and locked. */
  @Test
  void interruptsThatComeInTheMiddleOfAnAccessDoNotCloseTheFile() throws Exception {
    Path path = file(8 << 20);
    byte[] expected = Files.readAllBytes(path);
    try (HostFile file = HostFile.open(path, true)) {
      Thread reader = Thread.currentThread();
      AtomicBoolean stop = new AtomicBoolean();
      Thread gadfly =
          Thread.ofPlatform()
              .start(
                  () -> {
                    while (!stop.get()) {
                      reader.interrupt();
                      Thread.onSpinWait();
                    }
                  });
      try {
        for (int i = 0; i < 60; i++) {
          ByteBuffer target = ByteBuffer.allocateDirect(expected.length);
          while (target.hasRemaining()) {
            assertThat(file.read(target, target.position())).isPositive();
          }
          assertThat(target.flip()).isEqualTo(ByteBuffer.wrap(expected));
          file.write(ByteBuffer.wrap(expected, 0, 65536), 0);
        }
      } finally {
        stop.set(true);
        while (gadfly.isAlive()) {
          Thread.onSpinWait();
        }
        Thread.interrupted();
      }
      assertThat(file.size()).isEqualTo(expected.length);
    }
    assertThat(Files.readAllBytes(path)).isEqualTo(expected);
    HostFile.open(path, true).close();
  }

  private ErrorKind refusal(Path path, boolean writable) {
    return catchThrowableOfType(ImageFault.class, () -> HostFile.open(path, writable).close())
        .kind();
  }

  @Test
  void eachRefusalHasItsKind() throws Exception {
    assertThat(refusal(directory.resolve("none"), false)).isEqualTo(ErrorKind.NOT_FOUND);
    assertThat(refusal(directory, false)).isEqualTo(ErrorKind.WRONG_FORMAT);
    assertThat(refusal(Path.of("/dev/null"), false)).isEqualTo(ErrorKind.WRONG_FORMAT);
    Path path = file(10);
    assertThat(catchThrowableOfType(ImageFault.class, () -> HostFile.create(path, false)).kind())
        .isEqualTo(ErrorKind.EXISTS);
    Path nowhere = directory.resolve("no").resolve("file");
    assertThat(catchThrowableOfType(ImageFault.class, () -> HostFile.create(nowhere, false)).kind())
        .isEqualTo(ErrorKind.NOT_FOUND);
  }

  @Test
  void aFileThatMayNotBeReadIsAccessDenied() throws Exception {
    Assumptions.assumeFalse(System.getProperty("user.name").equals("root"), "root reads all");
    Path path = file(10);
    assertThat(path.toFile().setReadable(false)).isTrue();
    assertThat(refusal(path, false)).isEqualTo(ErrorKind.ACCESS_DENIED);
  }

  /** Opening a FIFO for reading waits for a writer that never comes. */
  @Test
  void aFifoIsRefusedAtOnce() throws Exception {
    Path fifo = directory.resolve("fifo");
    Process mkfifo = new ProcessBuilder("mkfifo", fifo.toString()).start();
    Assumptions.assumeTrue(mkfifo.waitFor() == 0, "no mkfifo here");
    assertThat(refusal(fifo, false)).isEqualTo(ErrorKind.WRONG_FORMAT);
  }

  @Test
  void aClosedFileStaysClosed() throws Exception {
    HostFile file = HostFile.open(file(10), true);
    file.close();
    file.close();
    assertThatThrownBy(file::size).isInstanceOf(ClosedChannelException.class);
  }

  @Test
  void aFileThatShrinksUnderneathIsAnErrorAndNotZeros() throws Exception {
    Path path = file(8192);
    try (OrderedFile file = new OrderedFile(HostFile.open(path, false))) {
      Files.write(path, new byte[100]);
      ImageFault fault =
          catchThrowableOfType(ImageFault.class, () -> file.read(ByteBuffer.allocate(4096), 4096));
      assertThat(fault.kind()).isEqualTo(ErrorKind.IO);
      assertThat(fault).hasMessageContaining("cut short");
    }
  }
}
