package dev.monoceros.images.distro;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.images.PackageInfo;
import dev.monoceros.images.StoredPackage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How far an installation is, from the words of dpkg. */
class InstallProgressTest {
  private final List<Long> told = new ArrayList<>();
  private final InstallProgress progress =
      new InstallProgress(
          (phase, subject, done, total) -> {
            assertThat(subject).isEqualTo("a system");
            assertThat(total).isEqualTo(1000);
            told.add(done);
          },
          "a system",
          List.of(stored("libc6", 800), stored("gcc-12-base", 200)));

  @Test
  void aPackageCountsHalfWhenUnpackedAndHalfWhenSetUp() {
    progress.line("Unpacking gcc-12-base:amd64 (12.2.0-14+deb12u1) ...");
    progress.line("Setting up gcc-12-base:amd64 (12.2.0-14+deb12u1) ...");
    progress.line("Unpacking libc6:amd64 (2.36-9+deb12u14) ...");

    assertThat(told).containsExactly(0L, 100L, 200L, 600L);
  }

  @Test
  void packagesUnpackedTwiceNeverMakeItMoreThanAll() {
    for (int i = 0; i < 4; i++) {
      progress.line("Unpacking libc6:amd64 (2.36-9+deb12u14) over (2.36-9+deb12u14) ...");
    }

    assertThat(told).containsExactly(0L, 400L, 800L, 1000L, 1000L);
  }

  @Test
  void otherWordsChangeNothing() {
    progress.line("Processing triggers for libc-bin (2.36-9+deb12u14) ...");
    progress.line("Selecting previously unselected package libc6:amd64.");

    assertThat(told).containsExactly(0L);
  }

  private static StoredPackage stored(String name, long size) {
    return new StoredPackage(
        new PackageInfo(name, "1", "amd64", "bookworm", "0".repeat(64), size), Path.of(name));
  }
}
