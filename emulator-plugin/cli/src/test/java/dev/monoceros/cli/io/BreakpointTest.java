package dev.monoceros.cli.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.qcow.CreateOptions;
import dev.monoceros.qcow.DiskImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Where qemu-io would wait for ever at a breakpoint, we say so and go on. */
@Timeout(60)
class BreakpointTest {
  @TempDir Path directory;

  @BeforeEach
  void makeImage() throws Exception {
    DiskImage.create(directory.resolve("disk.qcow2"), CreateOptions.qcow2(4 << 20)).close();
  }

  private Outcome run(String... commands) {
    List<String> arguments = new ArrayList<>(List.of("-f", "qcow2"));
    for (String command : commands) {
      arguments.add("-c");
      arguments.add(command);
    }
    arguments.add("blkdebug::" + directory.resolve("disk.qcow2"));
    return Tools.ours(directory, arguments, "");
  }

  @Test
  void aRequestThatIsWaitedForGoesOn() {
    Outcome outcome = run("break pwritev A", "write -q -P 3 0 64k", "read -q -P 3 0 64k");

    assertThat(outcome.err()).isEqualTo("qemu-io: nothing can resume request 'A', it goes on\n");
    assertThat(outcome.exitCode()).isZero();
  }

  @Test
  void aCommandThatNeedsAnImageThatIsHeldSaysSo() {
    Outcome outcome =
        run(
            "break pwritev A",
            "aio_write -q -P 3 0 64k",
            "wait_break A",
            "read 0 1",
            "map",
            "length",
            "resume A",
            "aio_flush",
            "read -q -P 3 0 64k");

    assertThat(outcome.err())
        .isEqualTo("qemu-io: request 'A' is suspended and holds the image\n".repeat(2));
    assertThat(outcome.out())
        .isEqualTo("blkdebug: Suspended request 'A'\n4 MiB\nblkdebug: Resuming request 'A'\n");
    assertThat(outcome.exitCode()).isEqualTo(1);
  }

  @Test
  void whatIsStoppedAtTheEndGoesOnAndIsWritten() {
    assertThat(run("break pwritev A", "aio_write -q -P 3 0 64k").exitCode()).isZero();
    assertThat(run("read -q -P 3 0 64k").exitCode()).isZero();
  }

  @Test
  void waitingForWhatCannotHappenFails() {
    Outcome outcome = run("wait_break A", "length");

    assertThat(outcome.err()).isEqualTo("qemu-io: no request 'A' is suspended or will be\n");
    assertThat(outcome.out()).isEqualTo("4 MiB\n");
  }

  @Test
  void commandsThatChangeTheWholeImageAreNotStopped() {
    Outcome outcome =
        run("break pwritev A", "truncate 8M", "break flush_to_disk B", "flush", "length");

    assertThat(outcome.out()).isEqualTo("8 MiB\n");
    assertThat(outcome.err()).isEmpty();
  }

  @Test
  void requestsBehindAStoppedOneAreCarriedOutInTheirOrder() {
    Outcome outcome =
        run(
            "break pwritev A",
            "aio_write -q -P 3 0 64k",
            "aio_write -q -P 4 0 64k",
            "aio_read -q -P 4 0 64k",
            "wait_break A",
            "resume A",
            "aio_flush",
            "read -q -P 4 0 64k");

    assertThat(outcome.out())
        .isEqualTo("blkdebug: Suspended request 'A'\nblkdebug: Resuming request 'A'\n");
    assertThat(outcome.exitCode()).isZero();
  }

  @Test
  void anImageOpenedLaterHasNoBreakpointsOfTheOneBefore() {
    Outcome outcome =
        run("break pwritev A", "close", "open " + directory.resolve("disk.qcow2"), "break x B");

    assertThat(outcome.out()).isEqualTo("Could not set breakpoint: Operation not supported\n");
  }
}
