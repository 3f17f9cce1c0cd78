package dev.monoceros.tests.bench.img;

import dev.monoceros.cli.img.ImgTool;
import dev.monoceros.cli.tool.Tool;
import dev.monoceros.tests.bench.Host;
import dev.monoceros.tests.bench.Series;
import dev.monoceros.tests.support.Guests;
import dev.monoceros.tests.support.Images;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.io.FileUtils;

/**
 * {@code img bench} called again and again in this JVM, against the process {@code qemu-img bench},
 * in turn. Both print the seconds that their requests took, without start and opening; those are
 * compared. Argument: number of runs (7).
 */
public final class WarmBench {
  private static final int DEFAULT_RUNS = 7;
  private static final int WARM_UP = 3;
  private static final Pattern SECONDS = Pattern.compile("Run completed in ([0-9.]+) seconds");

  private WarmBench() {}

  public static void main(String[] arguments) throws IOException {
    int runs = arguments.length > 0 ? Integer.parseInt(arguments[0]) : DEFAULT_RUNS;
    Path directory = Files.createTempDirectory(ImgBench.memory(), "warm-bench");
    try {
      Path disk = ImgBench.mapped(directory.resolve("disk.qcow2"));
      String[] bench = ("bench -f qcow2 -c 400000 -d 1 -s 4096 -S 1052672 " + disk).split(" ");
      Series ours = new Series("ours");
      Series theirs = new Series("QEMU");
      for (int i = -WARM_UP; i < runs; i++) {
        double their = seconds(Images.output(Guests.oracles().qemuImg(), bench));
        double mine = seconds(inThisJvm(bench));
        if (i >= 0) {
          ours.add(mine);
          theirs.add(their);
        }
      }
      System.out.println(Host.describe());
      System.out.println("| in a warm JVM | ours, s | QEMU 7.2, s | QEMU / ours | runs |");
      System.out.println("|---|---|---|---|---|");
      System.out.printf(
          Locale.ROOT,
          "| bench: 4 KiB reads, QD1, stride 1052672 | %.3f | %.3f | %.2f | %d |%n",
          ours.median(),
          theirs.median(),
          theirs.median() / ours.median(),
          runs);
    } finally {
      FileUtils.deleteDirectory(directory.toFile());
    }
  }

  private static String inThisJvm(String... arguments) throws IOException {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    Tool tool =
        new Tool(
            "qemu-img",
            InputStream.nullInputStream(),
            said,
            said,
            Map.of(),
            InstantSource.system(),
            System::nanoTime);
    int status = ImgTool.run(tool, List.of(arguments));
    String text = said.toString(StandardCharsets.UTF_8);
    if (status != 0) {
      throw new IOException("img bench ended with " + status + ": " + text);
    }
    return text;
  }

  private static double seconds(String said) throws IOException {
    Matcher matcher = SECONDS.matcher(said);
    if (!matcher.find()) {
      throw new IOException("no seconds in: " + said);
    }
    return Double.parseDouble(matcher.group(1));
  }
}
