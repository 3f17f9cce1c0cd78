package dev.monoceros.qcow.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.qcow.BackingPolicy;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.OpenOptions;
import dev.monoceros.qcow.Operation;
import dev.monoceros.qcow.oracle.NeedsQemu;
import dev.monoceros.qcow.oracle.QemuImg;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What qemu-img opens we open, under the same name; what it refuses we refuse in its words. */
@NeedsQemu
class FileNamesTest {
  private static final OpenOptions LOOK =
      OpenOptions.defaults().withReadOnly(true).withBacking(BackingPolicy.IGNORE);

  private static final Pattern FACTS =
      Pattern.compile(
          "image: (.*)\nfile format: (.*)\nvirtual size: .*\\(([0-9]+) bytes\\)\n.*",
          Pattern.DOTALL);

  @TempDir static Path directory;

  @BeforeAll
  static void images() throws Exception {
    QemuImg.require();
    NameCorpus.images(directory);
  }

  static List<String> names() {
    return NameCorpus.names();
  }

  static List<String> options() {
    return NameCorpus.options();
  }

  @ParameterizedTest
  @MethodSource("names")
  void aFileNameOpensTheSameOrFailsInTheSameWords(String template) {
    String name = template.replace("@", directory.toString());
    String theirs = QemuImg.run("info", name).output();
    assertSame(theirs, () -> BlockGraph.open(name, Optional.empty(), LOOK));
  }

  @ParameterizedTest
  @MethodSource("options")
  void imageOptionsOpenTheSameOrFailInTheSameWords(String template) {
    String text = template.replace("@", directory.toString());
    String theirs = QemuImg.run("info", "--image-opts", text).output();
    assertSame(theirs, () -> BlockGraph.openOptions(text, LOOK));
  }

  private interface Opening {
    DiskImage open() throws ImageException;
  }

  private static void assertSame(String theirs, Opening opening) {
    Matcher facts = FACTS.matcher(theirs);
    try (DiskImage image = opening.open()) {
      String ours =
          "image: %s\nfile format: %s\n(%d bytes)"
              .formatted(image.info().fileName(), image.driver(), image.size());
      String expected =
          facts.matches()
              ? "image: %s\nfile format: %s\n(%s bytes)"
                  .formatted(facts.group(1), facts.group(2), facts.group(3))
              : theirs;
      assertThat(ours).isEqualTo(expected);
    } catch (ImageException e) {
      assertThat(line(e)).isEqualTo(theirs);
    }
  }

  /** What the tool makes of a failure. */
  private static String line(ImageException e) {
    String name = e.getMessage().substring(0, e.getMessage().length() - e.sentence().length() - 2);
    String circumstances =
        e.operation() == Operation.PARSE ? "" : "Could not open '" + name + "': ";
    String hint = e.hint().map(text -> text + "\n").orElse("");
    return "qemu-img: " + circumstances + e.sentence() + "\n" + hint;
  }
}
