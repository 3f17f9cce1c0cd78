package dev.monoceros.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.qcow.CreateOptions;
import dev.monoceros.qcow.DiskImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code bin/qemu-img}, {@code bin/qemu-io} and {@code bin/monoceros img} as processes. */
@Timeout(120)
class ToolLauncherTest {
  private static final Path BIN = Path.of("../../bin");
  private static final long PATIENCE_SECONDS = 60;

  @TempDir Path temporary;

  private record Ended(int code, String out, String err) {}

  @BeforeEach
  void makeAnImage() throws IOException {
    DiskImage.create(temporary.resolve("a.qcow2"), CreateOptions.qcow2(1 << 20)).close();
  }

  private Ended run(Map<String, String> more, String program, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(BIN.toRealPath().resolve(program).toString());
    command.addAll(List.of(arguments));
    Path out = temporary.resolve("out.txt");
    Path err = temporary.resolve("err.txt");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(temporary.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    Map<String, String> environment = builder.environment();
    environment.put("MONOCEROS_CACHE", temporary.resolve("cache").toString());
    environment.put("MONOCEROS_JAVA", System.getProperty("java.home"));
    environment.put(
        "MONOCEROS_CLASS_PATH",
        System.getProperty("jdk.module.path", "") + ":" + System.getProperty("java.class.path"));
    environment.putAll(more);
    Process process = builder.start();
    process.getOutputStream().close();
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError(command + " does not end");
    }
    return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  @Test
  void qemuImgIsTheToolOfThatName() throws Exception {
    Ended ended = run(Map.of(), "qemu-img", "info", "a.qcow2");

    assertThat(ended.out()).startsWith("image: a.qcow2\nfile format: qcow2\n");
    assertThat(ended.err()).isEmpty();
    assertThat(ended.code()).isZero();
  }

  @Test
  void messagesStartWithTheNameThatTheToolWasCalledBy() throws Exception {
    assertThat(run(Map.of(), "qemu-img", "burn").err())
        .isEqualTo(
            "qemu-img: Command not found: burn\nTry 'qemu-img --help' for more information\n");
    assertThat(run(Map.of(), "monoceros", "img", "burn").err())
        .startsWith("monoceros img: Command not found: burn\n");
    assertThat(run(Map.of(), "qemu-io", "-Z").err()).startsWith("qemu-io: ");
  }

  @Test
  void aToolThatIsLinkedFromElsewhereFindsItsHome() throws Exception {
    Path link = temporary.resolve("qemu-img");
    Files.createSymbolicLink(link, BIN.toRealPath().resolve("qemu-img"));

    Ended ended = run(Map.of(), link.toString(), "info", "a.qcow2");

    assertThat(ended.err()).isEmpty();
    assertThat(ended.code()).isZero();
  }

  @Test
  void exitCodesAreTheToolsOwn() throws Exception {
    assertThat(run(Map.of(), "qemu-img", "info", "nosuch").code()).isEqualTo(1);
    assertThat(run(Map.of(), "monoceros", "img", "info", "nosuch").code()).isEqualTo(1);
    Files.write(temporary.resolve("raw"), new byte[512]);
    assertThat(run(Map.of(), "qemu-img", "check", "-f", "raw", "raw").code()).isEqualTo(63);
  }

  @Test
  void namesBeyondAsciiWorkInEveryLocale() throws Exception {
    // The bytes are made by the shell, because this JVM may run in such a locale itself.
    Map<String, String> posix =
        Map.of("LC_ALL", "POSIX", "TOOL", BIN.toRealPath().resolve("qemu-img").toString());
    String name = "name=$(printf 'caf\\303\\251'); ";

    Ended created =
        run(posix, "/bin/bash", "-c", name + "\"$TOOL\" create -q -f qcow2 \"$name\" 1M");
    Ended info = run(posix, "/bin/bash", "-c", name + "\"$TOOL\" info \"$name\"");

    assertThat(created.err()).isEmpty();
    assertThat(info.out()).startsWith("image: caf\u00e9\n");
  }

  @Test
  void optionsMayNotFollowOperandsWherePosixIsAskedFor() throws Exception {
    Ended ended =
        run(Map.of("POSIXLY_CORRECT", "1"), "qemu-img", "info", "a.qcow2", "--output=json");

    assertThat(ended.err()).startsWith("qemu-img: Expecting one image file name\n");
  }
}
