package dev.monoceros.tests.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.images.Suite;
import dev.monoceros.tests.support.DebianScript;
import dev.monoceros.tests.support.Guests;
import dev.monoceros.tests.support.KernelSource;
import dev.monoceros.tests.support.PackagesRequired;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What people do on a PC that asks much of its CPU, in a Debian: they debug, run 32-bit programs,
 * and run and change code that is made at run time, in user space and in the kernel.
 */
@ExtendWith(PackagesRequired.class)
@Tag("long")
@Timeout(7200)
class DebianProgramsTest {
  private static final long MEMORY_MIB = 1024;

  /** What compiles and runs 32-bit programs beside the image's compiler. */
  private static final List<String> PACKAGES_I386 =
      List.of("libc6-i386", "libc6-dev-i386", "lib32gcc-s1", "lib32gcc-12-dev");

  private static final List<String> PACKAGES_JIT =
      List.of(
          "openjdk-17-jre-headless",
          "libjpeg62-turbo",
          "liblcms2-2",
          "luajit",
          "libluajit-5.1-2",
          "libluajit-5.1-common");

  @TempDir Path directory;
  private Path files;

  @BeforeEach
  void takePrograms() throws Exception {
    files = Files.createDirectory(directory.resolve("files"));
    URI programs = Objects.requireNonNull(getClass().getResource("/debian/programs")).toURI();
    copy(Path.of(programs), files);
  }

  @Test
  void debuggerBreaksWatchesStepsAndRunsBackwards() throws Exception {
    KernelSource.unpack(
        List.of("tools/testing/selftests/breakpoints/", "tools/testing/selftests/kselftest.h"),
        files);
    assertPasses(
        run("gdb.sh", MEMORY_MIB, ""),
        "attach",
        "attach-leaves-it-running",
        "finish-and-backtrace",
        "hardware-breakpoint",
        "hardware-watchpoint",
        "kernels-own-test-of-breakpoints",
        "reverse-execution",
        "segmentation-fault",
        "software-breakpoint",
        "software-watchpoint",
        "step-over-flags",
        "step-over-string-instruction",
        "step-over-system-call");
  }

  @Test
  void programsOf32BitsRun() throws Exception {
    unpack(PACKAGES_I386, "i386");
    assertPasses(
        run("i386.sh", MEMORY_MIB, ""),
        "compat-program",
        "compat-program-ends",
        "static-compat-program-says-the-same");
  }

  @Test
  void codeMadeAtRunTimeDoesWhatInterpretersDo() throws Exception {
    unpack(PACKAGES_JIT, "jit");
    String source = files.resolve("Warm.java").toString();
    int compiled =
        ToolProvider.getSystemJavaCompiler().run(null, null, null, "--release", "17", source);
    assertThat(compiled).as("compilation of %s", source).isZero();
    assertPasses(
        run("jit.sh", MEMORY_MIB, ""),
        "java-all-compiled",
        "java-by-first-compiler",
        "java-by-second-compiler",
        "java-interpreted",
        "lua-compiled",
        "lua-interpreted",
        "program-that-rewrites-itself",
        "regular-expressions-agree");
  }

  @Test
  void kernelChangesItsOwnCode() throws Exception {
    assertPasses(
        run("kernel.sh", MEMORY_MIB, ""),
        "bpf-0",
        "bpf-0-is-what-was-asked-for",
        "bpf-1",
        "bpf-1-is-what-was-asked-for",
        "function-tracer-of-all",
        "function-tracer-of-some",
        "graph-tracer-of-all",
        "graph-tracer-of-some",
        "kernel-has-nothing-to-complain-about",
        "kernel-probe",
        "kernel-probe-by-breakpoint",
        "kernel-probe-by-jump",
        "kernel-return-probe",
        "modules-come-and-go",
        "static-keys",
        "user-probe");
  }

  @Test
  void pagesOf2MibAndOf1GibHoldWhatIsWritten() throws Exception {
    assertPasses(
        run("huge.sh", 4_096, "hugepagesz=1G hugepages=1"),
        "cpu-has-pages-of-1-gib",
        "huge-page-of-1-gib",
        "huge-pages-of-2-mib",
        "pool-of-huge-pages",
        "transparent-huge-pages");
  }

  @ParameterizedTest(name = "{0} MiB")
  @ValueSource(longs = {6_144, 8_192})
  void memoryAbove4GibHoldsWhatIsWritten(long mebibytes) throws Exception {
    DebianScript.Outcome outcome = run("ram.sh", mebibytes, "");

    assertThat(outcome.results())
        .as(outcome::said)
        .containsEntry("memory-keeps-what-is-written", 0)
        .containsOnlyKeys("memory-above-4-gib", "memory-keeps-what-is-written", "memory-total");
    assertThat(outcome.results().get("memory-above-4-gib"))
        .as(outcome::said)
        .isGreaterThan((int) (mebibytes - 4_096 - 256));
    assertThat(outcome.results().get("memory-total"))
        .isBetween((int) mebibytes * 95 / 100, (int) mebibytes);
  }

  private DebianScript.Outcome run(String script, long memoryMib, String words) throws Exception {
    return new DebianScript(directory).run(script, files, memoryMib, words);
  }

  private static void assertPasses(DebianScript.Outcome outcome, String... checks) {
    Map<String, Integer> expected = new TreeMap<>();
    for (String check : checks) {
      expected.put(check, 0);
    }
    assertThat(outcome.results()).as(outcome::said).isEqualTo(expected);
  }

  private void unpack(List<String> packages, String name) throws Exception {
    Path tree = Guests.cache().unpacked(Suite.BOOKWORM, packages).tree();
    copy(tree, Files.createDirectory(files.resolve(name)));
  }

  private static void copy(Path from, Path to) throws Exception {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path each : all.filter(path -> !path.equals(from)).toList()) {
        Files.copy(each, to.resolve(from.relativize(each)), LinkOption.NOFOLLOW_LINKS);
      }
    }
  }
}
