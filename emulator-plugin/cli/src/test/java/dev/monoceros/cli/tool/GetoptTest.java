package dev.monoceros.cli.tool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** glibc itself is asked through util-linux's {@code getopt}, which prints what it was told. */
final class GetoptTest {
  private static final Path ORACLE = Path.of("/usr/bin/getopt");

  private static final List<LongOption> LONGS =
      List.of(
          LongOption.flag("help", 300),
          LongOption.valued("object", 301),
          LongOption.valued("output", 302),
          new LongOption("optional", LongOption.Argument.OPTIONAL, 303),
          LongOption.flag("outputs", 304));

  private static final String LONG_TEXT = "help,object:,output:,optional::,outputs";

  private record Parsed(String out, String err, boolean wrong) {}

  @Provide
  Arbitrary<List<String>> lines() {
    Arbitrary<String> word =
        Arbitraries.oneOf(
            Arbitraries.of(
                "--",
                "-",
                "a",
                "",
                "--help",
                "--object",
                "--output=x",
                "--out",
                "--o",
                "--obj=",
                "--optional",
                "--optional=y",
                "--outputs",
                "--outputs=1",
                "--help=1",
                "--x=y"),
            Arbitraries.strings().withChars("-abco:;=").ofMinLength(1).ofMaxLength(5));
    return word.list().ofMaxSize(7);
  }

  @Property(tries = 200, shrinking = ShrinkingMode.BOUNDED)
  void everyLineIsReadAndRefusedAsGlibcDoes(
      @ForAll("lines") List<String> line, @ForAll("shorts") String shorts) throws Exception {
    Assumptions.assumeTrue(Files.isExecutable(ORACLE));
    Parsed theirs = theirs(shorts, line);
    Parsed ours = ours(shorts, line);

    assertThat(ours).as("%s %s", shorts, line).isEqualTo(theirs);
  }

  @Provide
  Arbitrary<String> shorts() {
    return Arbitraries.of("ab:c::", "+ab:c::");
  }

  private static Parsed ours(String shorts, List<String> line) {
    StringBuilder err = new StringBuilder();
    List<String> words = new ArrayList<>(line);
    words.addFirst("getopt");
    Getopt options = new Getopt(words, shorts, LONGS, false, text -> err.append(text).append('\n'));
    StringBuilder out = new StringBuilder();
    boolean wrong = false;
    for (int c = options.next(); c != Getopt.END; c = options.next()) {
      if (c == Getopt.UNKNOWN) {
        wrong = true;
      } else {
        out.append(' ').append(named(c));
        boolean valued =
            c == 'b' || c == 'c' || c == 301 || c == 302 || c == 303 || options.argument() != null;
        if (valued) {
          out.append(" '")
              .append(options.argument() == null ? "" : options.argument())
              .append('\'');
        }
      }
    }
    out.append(" --");
    for (String operand : options.operands()) {
      out.append(" '").append(operand).append('\'');
    }
    return new Parsed(out + "\n", err.toString(), wrong);
  }

  private static String named(int c) {
    for (LongOption option : LONGS) {
      if (option.value() == c) {
        return "--" + option.name();
      }
    }
    return "-" + (char) c;
  }

  private static Parsed theirs(String shorts, List<String> line)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(ORACLE.toString(), "-n", "getopt", "-o", shorts, "-l", LONG_TEXT, "--"));
    command.addAll(line);
    Path err = Files.createTempFile("getopt", ".err");
    try {
      ProcessBuilder builder = new ProcessBuilder(command).redirectError(err.toFile());
      builder.environment().put("LC_ALL", "C");
      builder.environment().remove("POSIXLY_CORRECT");
      Process process = builder.start();
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      boolean wrong = process.waitFor() != 0;
      return new Parsed(out, Files.readString(err), wrong);
    } finally {
      Files.delete(err);
    }
  }

  @Test
  void aColonInFrontSilencesAndTellsMissingValuesApart() {
    StringBuilder err = new StringBuilder();
    Getopt options = new Getopt(List.of("create", "-x", "-b"), ":ab:", LONGS, false, err::append);

    assertThat(options.next()).isEqualTo(Getopt.UNKNOWN);
    assertThat(options.lastWord()).isEqualTo("-x");
    assertThat(options.next()).isEqualTo(Getopt.MISSING);
    assertThat(options.lastWord()).isEqualTo("-b");
    assertThat(err).isEmpty();
  }

  @Test
  void insideAClusterTheLastWordIsTheOneBeforeAsInQemu() {
    Getopt options = new Getopt(List.of("create", "-axb"), ":ab:", LONGS, false, text -> {});

    assertThat(options.next()).isEqualTo('a');
    assertThat(options.next()).isEqualTo(Getopt.UNKNOWN);
    assertThat(options.lastWord()).isEqualTo("create");
  }
}
