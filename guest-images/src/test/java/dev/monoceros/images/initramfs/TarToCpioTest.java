package dev.monoceros.images.initramfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.monoceros.images.AptRequired;
import dev.monoceros.images.CacheOptions;
import dev.monoceros.images.ImagesException;
import dev.monoceros.images.PackageCache;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Archives written by GNU tar and read by busybox's cpio. */
@ExtendWith(AptRequired.class)
class TarToCpioTest {
  @TempDir Path temporary;

  @Test
  void modesTimesLinksAndContentsAreThoseOfTheTarArchive() throws Exception {
    Path from = Files.createDirectories(temporary.resolve("from"));
    run(
        from,
        "sh",
        "-c",
        "mkdir -p usr/bin tmp && echo one > usr/bin/a && ln usr/bin/a usr/bin/b && ln -s usr/bin bin"
            + " && printf %0300d 7 > usr/long && chmod 4755 usr/bin/a && chmod 1777 tmp"
            + " && mkfifo pipe && touch -d @1000000000 usr/bin/a usr/long");
    Path tar = temporary.resolve("system.tar");
    run(
        from,
        "tar",
        "--sort=name",
        "--format=posix",
        "--owner=0",
        "--group=42",
        "--numeric-owner",
        "-cf",
        tar.toString(),
        ".");
    Path cpio = temporary.resolve("system.cpio");

    TarToCpio.write(tar, cpio);

    String listed = busybox(cpio, temporary, "cpio", "-tv");
    assertThat(listed.lines().map(line -> line.replaceAll(" +", " ")))
        .anyMatch(line -> line.matches("-rwsr-xr-x 0/42 4 2001-09-09 01:46:40 usr/bin/a"))
        .anyMatch(line -> line.matches("-rwsr-xr-x 0/42 4 2001-09-09 01:46:40 usr/bin/b"))
        .anyMatch(line -> line.matches("-rw-r--r-- 0/42 300 2001-09-09 01:46:40 usr/long"))
        .anyMatch(line -> line.matches("drwxrwxrwt 0/42 0 .* tmp"))
        .anyMatch(line -> line.matches("lrwxrwxrwx 0/42 0 .* bin -> usr/bin"))
        .anyMatch(line -> line.matches("prw-r--r-- 0/42 0 .* pipe"));
    Path into = Files.createDirectory(temporary.resolve("into"));
    busybox(cpio, into, "cpio", "-idm", "--quiet", "usr/*");
    assertThat(into.resolve("usr/bin/b")).hasContent("one\n");
    assertThat(into.resolve("usr/long")).hasSameBinaryContentAs(from.resolve("usr/long"));
  }

  @Test
  void aTarArchiveThatIsNoneIsToldInOneSentence() throws IOException {
    Path tar = Files.writeString(temporary.resolve("bad.tar"), "x".repeat(2000));

    assertThatThrownBy(() -> TarToCpio.write(tar, temporary.resolve("out")))
        .isInstanceOf(ImagesException.class)
        .hasMessageStartingWith("The initramfs " + temporary.resolve("out") + " cannot be made of ")
        .hasMessageNotContaining("\n");
  }

  private static String busybox(Path input, Path directory, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(PackageCache.open(CacheOptions.defaults()).busybox().path().toString());
    command.addAll(List.of(arguments));
    return output(
        new ProcessBuilder(command).directory(directory.toFile()).redirectInput(input.toFile()));
  }

  private static void run(Path directory, String... command) throws Exception {
    output(new ProcessBuilder(command).directory(directory.toFile()));
  }

  private static String output(ProcessBuilder builder) throws Exception {
    builder.environment().put("TZ", "UTC");
    Process process = builder.redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }
}
