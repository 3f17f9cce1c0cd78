package dev.monoceros.qcow.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.monoceros.qcow.BackingPolicy;
import dev.monoceros.qcow.DiscardMode;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.OpenOptions;
import dev.monoceros.qcow.Preallocation;
import dev.monoceros.qcow.oracle.NeedsQemu;
import dev.monoceros.qcow.oracle.QemuImg;
import dev.monoceros.qcow.oracle.QemuIo;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The drivers that stand between an image and its user, against qemu-img and qemu-io. */
@NeedsQemu
class FiltersTest {
  private static final OpenOptions WRITE = OpenOptions.defaults().withBacking(BackingPolicy.ALLOW);
  private static final OpenOptions READ = WRITE.withReadOnly(true);
  private static final int MIB = 1 << 20;

  @TempDir Path directory;
  private Path raw;
  private Path image;

  @BeforeEach
  void images() throws Exception {
    QemuImg.require();
    QemuIo.require();
    byte[] bytes = new byte[MIB];
    new SplittableRandom(1).nextBytes(bytes);
    raw = Files.write(directory.resolve("disk.raw"), bytes);
    image = directory.resolve("disk.qcow2");
    QemuImg.succeed("create", "-q", "-f", "qcow2", "-F", "raw", "-b", raw, image, "1M");
  }

  private static byte[] contents(DiskImage disk) throws ImageException {
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(disk.size()));
    disk.read(0, bytes);
    return bytes.array();
  }

  private byte[] theirs(String options) throws Exception {
    Path out = directory.resolve("theirs.raw");
    QemuImg.succeed("convert", "-O", "raw", "--image-opts", options, out);
    return Files.readAllBytes(out);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "driver=raw,file.filename=@raw",
        "driver=raw,offset=512,file.filename=@raw",
        "driver=raw,offset=64k,size=128k,file.filename=@raw",
        "driver=raw,size=512,file.filename=@raw",
        "driver=raw,offset=1M,file.filename=@raw",
        "driver=raw,offset=100,file.filename=@raw",
        "driver=raw,offset=3k,file.driver=raw,file.offset=5k,file.file.filename=@raw",
        "driver=raw,file.driver=qcow2,file.file.filename=@image",
        "driver=raw,offset=4k,file.driver=qcow2,file.file.filename=@image",
        "driver=null-co,size=64k",
        "driver=qcow2,file.driver=blkdebug,file.image.filename=@image",
        "driver=preallocate,file.filename=@raw",
        "driver=raw,backing=,file.filename=@raw",
        "driver=file,filename=@raw",
        "driver=file,filename=@image",
        "driver=raw,file.filename=@image",
        "driver=raw,offset=1000,file.driver=raw,file.file.filename=@image"
      })
  void aStackOfDriversReadsAsInQemu(String options) throws Exception {
    String text = options.replace("@raw", raw.toString()).replace("@image", image.toString());
    try (DiskImage disk = BlockGraph.openOptions(text, READ)) {
      byte[] theirs = theirs(text);
      assertThat(Arrays.equals(contents(disk), theirs)).isTrue();
    }
  }

  @Test
  void anImageInAWindowOfAFileIsServed() throws Exception {
    byte[] packed = Files.readAllBytes(image);
    byte[] bytes = new byte[packed.length + 4096];
    System.arraycopy(packed, 0, bytes, 4096, packed.length);
    Path file = Files.write(directory.resolve("packed"), bytes);
    String text = "driver=qcow2,file.driver=raw,file.offset=4k,file.file.filename=" + file;
    try (DiskImage disk = BlockGraph.openOptions(text, WRITE)) {
      disk.write(300_000, ByteBuffer.wrap(new byte[] {1, 2, 3}));
      assertThat(disk.extent(300_000, 1).fileOffset()).isPositive();
    }
    byte[] expected = Files.readAllBytes(raw);
    System.arraycopy(new byte[] {1, 2, 3}, 0, expected, 300_000, 3);
    assertThat(Arrays.equals(theirs(text), expected)).isTrue();
    byte[] after = Files.readAllBytes(file);
    assertThat(Arrays.copyOf(after, 4096)).containsOnly(0);
  }

  @Test
  void aWindowIsNotLeft() throws Exception {
    byte[] before = Files.readAllBytes(raw);
    String text = "driver=raw,offset=4k,size=8k,file.filename=" + raw;
    try (DiskImage disk = BlockGraph.openOptions(text, WRITE)) {
      assertThat(disk.size()).isEqualTo(8192);
      disk.write(0, ByteBuffer.wrap(new byte[8192]));
      ImageException e =
          catchThrowableOfType(
              ImageException.class, () -> disk.resize(16384, Preallocation.OFF, false));
      assertThat(e).isNotNull();
    }
    Arrays.fill(before, 4096, 4096 + 8192, (byte) 0);
    assertThat(Files.readAllBytes(raw)).isEqualTo(before);
  }

  @Test
  void anUnevenFileIsWholeSectorsAndGrowsWhenItsEndIsWritten() throws Exception {
    Path their =
        Files.write(directory.resolve("their"), Arrays.copyOf(Files.readAllBytes(raw), 1000));
    Path our = Files.copy(their, directory.resolve("our"));
    QemuIo.output(List.of("-f", "raw", "-c", "write -P 1 900 124", their.toString()));
    try (DiskImage disk = BlockGraph.openOptions("driver=raw,file.filename=" + our, WRITE)) {
      assertThat(disk.size()).isEqualTo(1024);
      byte[] ones = new byte[124];
      Arrays.fill(ones, (byte) 1);
      disk.write(900, ByteBuffer.wrap(ones));
    }
    assertThat(Files.readAllBytes(our)).isEqualTo(Files.readAllBytes(their)).hasSize(1024);
  }

  @Test
  void aQcowImageInAQcowImageGrowsIt() throws Exception {
    Path outer = directory.resolve("outer.qcow2");
    QemuImg.succeed("create", "-q", "-f", "qcow2", outer, "1M");
    Path inner = directory.resolve("inner.qcow2");
    QemuImg.succeed("create", "-q", "-f", "qcow2", "-o", "cluster_size=4k", inner, "4M");
    QemuImg.succeed("convert", "-n", "-f", "raw", "-O", "qcow2", inner, outer);
    String text = "driver=qcow2,file.driver=qcow2,file.file.filename=" + outer;
    byte[] bytes = new byte[3 * MIB];
    new SplittableRandom(2).nextBytes(bytes);
    try (DiskImage disk = BlockGraph.openOptions(text, WRITE)) {
      disk.write(0, ByteBuffer.wrap(bytes));
      assertThat(disk.info().fileName()).startsWith("json:{");
    }
    QemuImg.succeed("check", "--image-opts", text);
    assertThat(Arrays.equals(theirs(text), 0, bytes.length, bytes, 0, bytes.length)).isTrue();
    QemuImg.assertClean(outer);
  }

  @ParameterizedTest
  @ValueSource(strings = {"read 70k 4k", "read 0 1M", "read 127k 2k"})
  void copyOnReadKeepsWhatQemuKeeps(String command) throws Exception {
    String stack = "driver=copy-on-read,file.driver=qcow2,file.file.filename=";
    Path their = directory.resolve("their.qcow2");
    Files.copy(image, their);
    QemuIo.output(List.of("-c", command, "--image-opts", stack + their));
    String[] words = command.split(" ");
    try (DiskImage disk = BlockGraph.openOptions(stack + image, WRITE)) {
      disk.read(size(words[1]), ByteBuffer.allocate((int) size(words[2])));
      assertThat(disk.driver()).isEqualTo("copy-on-read");
    }
    QemuImg.assertClean(image);
    String without = "driver=qcow2,backing=,file.filename=";
    assertThat(Arrays.equals(theirs(without + image), theirs(without + their))).isTrue();
    assertThat(QemuImg.contents(image)).isEqualTo(Files.readAllBytes(raw));
  }

  private static long size(String text) {
    return text.endsWith("k")
        ? Long.parseLong(text.replace("k", "")) << 10
        : text.endsWith("M") ? Long.parseLong(text.replace("M", "")) << 20 : Long.parseLong(text);
  }

  @Test
  void copyOnReadNeedsAnImageThatCanBeWritten() {
    String text = "driver=copy-on-read,file.driver=qcow2,file.file.filename=" + image;
    ImageException e =
        catchThrowableOfType(
            ImageException.class, () -> BlockGraph.openOptions(text, READ).close());
    assertThat("qemu-img: Could not open '" + text + "': " + e.sentence() + "\n")
        .isEqualTo(QemuImg.run("map", "--image-opts", text).output());
  }

  @ParameterizedTest
  @CsvSource({"on,unmap", "on,ignore", "unmap,unmap", "off,unmap"})
  void zerosAreDetected(String detect, String discard) throws Exception {
    String stack =
        "driver=qcow2,backing=,detect-zeroes=%s,discard=%s,file.filename="
            .formatted(detect, discard);
    Path their = directory.resolve("their.qcow2");
    Files.copy(image, their);
    List<String> commands =
        List.of("write -P 1 0 256k", "write -P 0 64k 64k", "write -P 0 1000 7k");
    List<String> line = new ArrayList<>(List.of("--image-opts"));
    commands.forEach(command -> line.addAll(List.of("-c", command)));
    line.add(stack + their);
    QemuIo.output(line);
    try (DiskImage disk = BlockGraph.openOptions(stack + image, WRITE)) {
      byte[] ones = new byte[256 << 10];
      Arrays.fill(ones, (byte) 1);
      disk.write(0, ByteBuffer.wrap(ones));
      disk.write(64 << 10, ByteBuffer.wrap(new byte[64 << 10]));
      disk.write(1000, ByteBuffer.wrap(new byte[7 << 10]));
    }
    QemuImg.assertClean(image);
    assertThat(map(image)).isEqualTo(map(their));
    String without = "driver=qcow2,backing=,file.filename=";
    assertThat(Arrays.equals(theirs(without + image), theirs(without + their))).isTrue();
  }

  /** Where there is data, without its place in the file. */
  private static String map(Path file) {
    String text = "driver=qcow2,backing=,file.filename=" + file;
    return QemuImg.succeed("map", "--output=json", "--image-opts", text)
        .replaceAll(", \"offset\": [0-9]+", "")
        .replaceAll("\"present\": [a-z]+, ", "");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ignore", "unmap"})
  void aDiscardIsPassedOnOrNot(String discard) throws Exception {
    String stack = "driver=qcow2,discard=" + discard + ",file.filename=";
    try (DiskImage disk =
        BlockGraph.openOptions(stack + image, WRITE.withDiscard(DiscardMode.IGNORE))) {
      disk.write(0, ByteBuffer.wrap(new byte[] {1}));
      disk.discard(0, 65536);
      disk.read(0, ByteBuffer.allocate(1));
    }
    boolean kept = QemuImg.contents(image)[0] == 1;
    assertThat(kept).isEqualTo(discard.equals("ignore"));
  }

  @Test
  void aThrottledNodeWaitsAsItsGroupSays() throws Exception {
    List<Long> waits = new ArrayList<>();
    long[] now = {0};
    ThrottleGroup group = ThrottleObject.parse("throttle-group,id=g,x-bps-total=1048576");
    GraphOptions graph =
        GraphOptions.defaults()
            .withThrottleGroups(List.of(group))
            .withTime(
                () -> now[0],
                nanoseconds -> {
                  waits.add(nanoseconds);
                  now[0] += nanoseconds;
                });
    String text = "driver=throttle,throttle-group=g,file.driver=null-co";
    try (DiskImage disk = BlockGraph.openOptions(text, READ, graph)) {
      for (int i = 0; i < 64; i++) {
        disk.read(0, ByteBuffer.allocate(65536));
      }
      assertThat(disk.driver()).isEqualTo("throttle");
      assertThat(disk.info().fileName())
          .isEqualTo(
              QemuImg.succeed("info", "--object", "throttle-group,id=g", "--image-opts", text)
                  .lines()
                  .findFirst()
                  .orElseThrow()
                  .replace("image: ", ""));
    }
    // 4 MiB at 1 MiB a second, of which a tenth of a second's worth and the last access go free.
    assertThat(now[0] / 1e9).isBetween(3.7, 4.0);
    assertThat(waits).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "throttle-group",
        "throttle-group,id=x,foo=1",
        "throttle-group,id=x,foo",
        "throttle-group,id=1",
        "foo,id=x",
        "throttle-group,id=x,x-iops-total=x",
        "throttle-group,id=x,limits.iops-total=x",
        "throttle-group,id=x,limits.iops-total=1,limits.iops-read=1",
        "throttle-group,id=x,x-iops-total-max=1",
        "throttle-group,id=x,x-iops-total-max-length=0",
        "throttle-group,id=x,x-iops-total-max-length=5",
        "throttle-group,id=x,x-iops-size=5",
        "throttle-group,id=x,x-bps-total=1M",
        "throttle-group,id=x,x-bps-total=-1",
        "throttle-group,id=x,x-bps-total=9999999999999999",
        "throttle-group,id=x,x-iops-total=10,x-iops-total-max=5",
        "{\"qom-type\":\"throttle-group\",\"id\":\"x\",\"limits\":{\"iops-total\":\"5\"}}"
      })
  void aBadThrottleGroupIsRefusedInQemusWords(String text) {
    ImageException e = catchThrowableOfType(ImageException.class, () -> ThrottleObject.parse(text));
    String hint = e.hint().map(line -> line + "\n").orElse("");
    assertThat("qemu-img: " + e.sentence() + "\n" + hint)
        .isEqualTo(
            QemuImg.run("info", "--object", text, "--image-opts", "driver=null-co").output());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "throttle-group,id=x",
        "throttle-group,id=x,limits.iops-total=1",
        "throttle-group,id=x,x-iops-total=10,x-iops-total-max=50,x-iops-total-max-length=9",
        "{\"qom-type\":\"throttle-group\",\"id\":\"x\",\"limits\":{\"iops-total\":5}}"
      })
  void aGoodThrottleGroupIsTaken(String text) throws Exception {
    assertThat(ThrottleObject.parse(text).id()).isEqualTo("x");
    QemuImg.succeed("info", "--object", text, "--image-opts", "driver=null-co");
  }

  @Test
  void nullWaitsAndForgets() throws Exception {
    List<Long> waits = new ArrayList<>();
    GraphOptions graph = GraphOptions.defaults().withTime(() -> 0, waits::add);
    String text = "driver=null-co,size=1M,latency-ns=7,read-zeroes=off";
    try (DiskImage disk = BlockGraph.openOptions(text, WRITE, graph)) {
      disk.write(0, ByteBuffer.wrap(new byte[] {1, 2, 3}));
      ByteBuffer left = ByteBuffer.wrap(new byte[] {9, 9, 9});
      disk.read(0, left);
      assertThat(left.array()).containsOnly(9);
    }
    assertThat(waits).contains(7L);
    try (DiskImage disk = BlockGraph.openOptions("driver=null-co,size=1M", WRITE)) {
      disk.write(0, ByteBuffer.wrap(new byte[] {1, 2, 3}));
      assertThat(contents(disk)).containsOnly(0);
      // Nothing is stored, and who did not ask for zeros is not told of them; as qemu-img maps it.
      assertThat(disk.extent(0, MIB).allocated()).isFalse();
      assertThat(disk.extent(0, MIB).zero()).isFalse();
    }
    try (DiskImage disk = BlockGraph.openOptions("driver=null-co,read-zeroes=on", WRITE)) {
      assertThat(disk.extent(0, MIB).zero()).isTrue();
    }
  }

  @Test
  void aSnapshotLeavesTheFilesAlone() throws Exception {
    byte[] before = Files.readAllBytes(image);
    for (String text :
        List.of(
            "driver=qcow2,file.filename=" + image,
            "driver=preallocate,file.driver=qcow2,file.file.filename=" + image,
            "driver=file,filename=" + image)) {
      try (DiskImage disk = BlockGraph.openOptions(text, WRITE.withSnapshot(true))) {
        disk.write(4096, ByteBuffer.wrap(new byte[4096]));
        ByteBuffer bytes = ByteBuffer.wrap(new byte[] {1});
        disk.read(4096, bytes);
        assertThat(bytes.get(0)).isZero();
      }
      assertThat(Files.readAllBytes(image)).isEqualTo(before);
    }
  }

  @Test
  void whatCannotBeWrittenIsNotOpenedForWriting() {
    String text = "driver=qcow2,read-only=on,file.filename=" + image;
    ImageException e =
        catchThrowableOfType(
            ImageException.class, () -> BlockGraph.openOptions(text, WRITE).close());
    assertThat(e.sentence()).isEqualTo("Block node is read-only");
    assertThat(QemuImg.run("resize", "--image-opts", text, "2M").output())
        .endsWith(": Block node is read-only\n");
  }
}
