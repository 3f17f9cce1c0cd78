package dev.monoceros.qcow.copy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.OpenOptions;
import dev.monoceros.qcow.Progress;
import dev.monoceros.qcow.oracle.NeedsQemu;
import dev.monoceros.qcow.oracle.QemuImg;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Two disks that are nearly the same: what is said of them is what qemu-img compare says. */
@NeedsQemu
class DiskComparerTest {
  private static final int SECTOR = 512;
  private static final int SECTORS = 400;

  /** One change that makes the second disk; {@code at} counts in sectors. */
  record Change(Kind kind, int at, int length) {}

  enum Kind {
    NONE,
    ONE_BYTE,
    ZERO,
    LONGER,
    LONGER_WITH_DATA,
    SHORTER
  }

  @Provide
  Arbitrary<Change> changes() {
    return Combinators.combine(
            Arbitraries.of(Kind.class),
            Arbitraries.integers().between(0, SECTORS - 1),
            Arbitraries.integers().between(1, 40))
        .as(Change::new);
  }

  @Provide
  Arbitrary<List<String>> formats() {
    return Arbitraries.of("raw", "qcow2", "qcow2 -o cluster_size=512", "qcow2 -S 0")
        .list()
        .ofSize(2);
  }

  @Property(tries = 60)
  void saysWhatQemuImgSays(
      @ForAll long seed,
      @ForAll("changes") Change change,
      @ForAll("formats") List<String> formats,
      @ForAll boolean strict)
      throws IOException {
    QemuImg.require();
    Path directory = Files.createTempDirectory("compare");
    try {
      byte[] disk = DiskConverterTest.patchy(SECTORS * SECTOR, seed);
      Path first = make(directory.resolve("first"), disk, formats.getFirst());
      Path second = make(directory.resolve("second"), changed(disk, change), formats.getLast());
      QemuImg.Result theirs =
          strict
              ? QemuImg.run("compare", "-s", first, second)
              : QemuImg.run("compare", first, second);
      try (DiskImage a = open(first);
          DiskImage b = open(second)) {
        Comparison ours = new DiskComparer(a, b, strict).run(Progress.NONE);
        assertThat(sentence(ours)).isEqualTo(theirs.output());
        assertThat(ours.identical()).isEqualTo(theirs.exitCode() == 0);
      }
    } finally {
      for (Path file : Files.list(directory).toList()) {
        Files.delete(file);
      }
      Files.delete(directory);
    }
  }

  private static String sentence(Comparison found) {
    String warning = found.overhang() ? "Warning: Image size mismatch!\n" : "";
    return warning
        + switch (found.outcome()) {
          case IDENTICAL -> "Images are identical.\n";
          case CONTENT -> "Content mismatch at offset " + found.offset() + "!\n";
          case STATUS -> "Strict mode: Offset " + found.offset() + " block status mismatch!\n";
          case SIZE -> "Strict mode: Image size mismatch!\n";
        };
  }

  private static byte[] changed(byte[] disk, Change change) {
    byte[] other = disk.clone();
    int from = change.at() * SECTOR;
    int to = Math.min(disk.length, from + change.length() * SECTOR);
    return switch (change.kind()) {
      case NONE -> other;
      case ONE_BYTE -> {
        other[from + new SplittableRandom(from).nextInt(SECTOR)] ^= 1;
        yield other;
      }
      case ZERO -> {
        Arrays.fill(other, from, to, (byte) 0);
        yield other;
      }
      case LONGER -> Arrays.copyOf(other, other.length + change.length() * SECTOR);
      case LONGER_WITH_DATA -> {
        other = Arrays.copyOf(other, other.length + change.length() * SECTOR);
        other[other.length - 1 - change.at()] = 1;
        yield other;
      }
      case SHORTER -> Arrays.copyOf(other, Math.max(SECTOR, from));
    };
  }

  private static Path make(Path path, byte[] disk, String format) throws IOException {
    Path raw = Files.write(path.resolveSibling(path.getFileName() + ".bytes"), disk);
    if (format.equals("raw")) {
      return raw;
    }
    String[] words = format.split(" ");
    if (words.length == 1) {
      QemuImg.succeed("convert", "-f", "raw", "-O", "qcow2", raw, path);
    } else {
      QemuImg.succeed("convert", "-f", "raw", "-O", "qcow2", words[1], words[2], raw, path);
    }
    return path;
  }

  private static DiskImage open(Path path) throws IOException {
    return DiskImage.open(path, OpenOptions.defaults().withReadOnly(true));
  }
}
