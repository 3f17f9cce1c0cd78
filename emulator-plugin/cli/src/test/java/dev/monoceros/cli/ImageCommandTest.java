package dev.monoceros.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.images.CacheOptions;
import dev.monoceros.images.PackageCache;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The tools disk as a user builds it, on our own machine. */
@ExtendWith(LibraryRequired.class)
@Timeout(600)
class ImageCommandTest {
  @TempDir Path temporary;
  private final PackageCache cache = PackageCache.open(CacheOptions.defaults());

  @Test
  void theToolsDiskRunsACommandAndGivesAShellAndStaysClean() throws Exception {
    Path disk = temporary.resolve("tools.qcow2");
    CommandLineRun build =
        CommandLineRun.of("image", "build", "tools", "--output", disk.toString());
    assertThat(build.code()).as(build.err()).isZero();
    assertThat(build.out()).isEqualTo(disk + "\n");
    byte[] asBuilt = Files.readAllBytes(disk);

    CommandLineRun command =
        boot(
            disk,
            "",
            "MONOCEROS_RUN=\"fio --name=a --rw=randwrite --size=1m --filename=/root/f"
                + " --verify=crc32c | grep err=; losetup -V; exit 7\"");
    assertThat(command.code()).as(command.err()).isZero();
    assertThat(command.out())
        .contains(": err= 0: ", "losetup from util-linux", "TOOLS-EXIT 7", "reboot: Power down");
    requireClean(disk);

    CommandLineRun shell = boot(disk, "md5sum < /root/f | wc -w; exit\n", "");
    assertThat(shell.code()).as(shell.err()).isZero();
    assertThat(shell.out()).contains("TOOLS-READY ", "\r\n2\r\n", "reboot: Power down");
    requireClean(disk);

    assertThat(CommandLineRun.of("image", "build", "tools", "--output", disk.toString()))
        .returns(2, CommandLineRun::code)
        .satisfies(again -> assertThat(again.err()).contains("--force replaces it"));
    assertThat(
            CommandLineRun.of("image", "build", "tools", "--force", "--output", disk.toString())
                .code())
        .isZero();
    assertThat(Files.readAllBytes(disk)).isEqualTo(asBuilt);
    assertThat(temporary).isDirectoryNotContaining(file -> file.toString().endsWith(".new"));
  }

  @Test
  void offlineWithAnEmptyCacheItSaysWhatIsMissingAndLeavesNoFile() {
    Map<String, String> empty = Map.of("MONOCEROS_CACHE", temporary.resolve("cache").toString());
    for (String what : new String[] {"debian", "tools"}) {
      Path disk = temporary.resolve(what + ".qcow2");
      CommandLineRun build =
          CommandLineRun.with(
              empty, "", "image", "build", what, "--offline", "--output", disk.toString());

      assertThat(build.code()).isEqualTo(4);
      assertThat(build.err())
          .hasLineCount(1)
          .contains("must not fetch it: build the image where packages can be fetched.");
      assertThat(disk).doesNotExist();
    }
  }

  private CommandLineRun boot(Path disk, String input, String more) {
    return CommandLineRun.withInput(
        input,
        "run",
        "--offline",
        "-k",
        cache.kernel().vmlinuz().toString(),
        "-d",
        disk.toString(),
        "-p",
        more);
  }

  private void requireClean(Path disk) throws IOException, InterruptedException {
    Process check =
        cache
            .oracles()
            .qemuImg()
            .process("check", disk.toString())
            .redirectErrorStream(true)
            .start();
    String words = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(check.waitFor()).as(words).isZero();
  }
}
