package dev.monoceros.tests.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.images.Suite;
import dev.monoceros.tests.support.DebianPeers;
import dev.monoceros.tests.support.ExplainedDifferences;
import dev.monoceros.tests.support.Guests;
import dev.monoceros.tests.support.KernelSource;
import dev.monoceros.tests.support.PackagesRequired;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Programs that test a CPU, on a whole Debian: they pass and fail as under QEMU's TCG. */
@ExtendWith(PackagesRequired.class)
@Tag("long")
@Timeout(7200)
class DebianSelftestsTest {
  private static final List<String> SOURCES =
      List.of(
          "tools/testing/selftests/x86/",
          "tools/testing/selftests/kselftest",
          "tools/testing/selftests/lib.mk",
          "arch/x86/include/",
          "scripts/subarch.include");

  /** What compiles for 32 bits beside the image's compiler. */
  private static final List<String> PACKAGES_I386 =
      List.of("libc6-i386", "libc6-dev-i386", "lib32gcc-s1", "lib32gcc-12-dev");

  @TempDir Path directory;

  @Test
  void kernelSelftestsOfTheArchitectureEndAsUnderQemu() throws Exception {
    Path files = Files.createDirectory(directory.resolve("files"));
    KernelSource.unpack(SOURCES, files);
    copy(Guests.cache().unpacked(Suite.BOOKWORM, PACKAGES_I386).tree(), files.resolve("i386"));

    Map<String, Integer> ours = compare("selftests.sh", files);

    assertThat(ours).containsKeys("sigreturn_32", "sigreturn_64", "test_FCOMI_32", "ldt_gdt_32");
    assertThat(ours).hasSizeGreaterThanOrEqualTo(44);
  }

  @Test
  void stressorsOfCpuMemoryAndSignalsEndAsUnderQemu() throws Exception {
    Path files = Files.createDirectory(directory.resolve("files"));

    Map<String, Integer> ours = compare("stress.sh", files);

    assertThat(ours).containsEntry("fp-error", 0).containsEntry("vm", 0).containsKey("sigsegv");
    assertThat(ours).hasSizeGreaterThan(130);
  }

  private Map<String, Integer> compare(String script, Path files) throws Exception {
    try (InputStream in =
        Objects.requireNonNull(getClass().getResourceAsStream("/debian/" + script))) {
      Files.copy(in, files.resolve("run.sh"));
    }
    DebianPeers peers = new DebianPeers(directory);
    Path disk = peers.disk(files, "512M");
    ExplainedDifferences differences = new ExplainedDifferences();
    Map<String, Integer> ours = peers.ours(disk);
    List<String> leftOut =
        differences.notRunThere().stream().map(name -> "leave-out=" + name).toList();
    Map<String, Integer> theirs = peers.theirs(disk, leftOut);
    System.out.println(script + ": " + counted("here", ours) + ", " + counted("QEMU", theirs));
    Map<String, String> unexplained = differences.unexplained(ours, theirs);
    StringBuilder said = new StringBuilder();
    for (String name : unexplained.keySet()) {
      said.append(DebianPeers.said(disk, name));
    }
    assertThat(unexplained.values()).as(said.toString()).isEmpty();
    return ours;
  }

  /** How often each exit status came, 0 first. */
  private static String counted(String where, Map<String, Integer> results) {
    Map<Integer, Long> counts =
        results.values().stream()
            .collect(
                Collectors.groupingBy(Function.identity(), TreeMap::new, Collectors.counting()));
    return where + " " + results.size() + " " + counts;
  }

  private static void copy(Path from, Path to) throws Exception {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path each : all.toList()) {
        Files.copy(
            each, to.resolve(from.relativize(each)), java.nio.file.LinkOption.NOFOLLOW_LINKS);
      }
    }
  }
}
