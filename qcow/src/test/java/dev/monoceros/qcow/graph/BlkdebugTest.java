package dev.monoceros.qcow.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.monoceros.qcow.BackingPolicy;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.OpenOptions;
import dev.monoceros.qcow.oracle.NeedsQemu;
import dev.monoceros.qcow.oracle.QemuImg;
import dev.monoceros.qcow.oracle.QemuIo;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The same rules and the same commands in qemu-io and here: the same commands fail. */
@NeedsQemu
class BlkdebugTest {
  private static final int CLUSTER = 65536;

  @TempDir static Path directory;
  private static Path base;
  private static Path image;

  /** Cluster 0 is data, cluster 1 compressed, the rest comes from below; two L2 tables. */
  @BeforeAll
  static void images() throws Exception {
    QemuImg.require();
    QemuIo.require();
    base = directory.resolve("base.raw");
    byte[] bytes = new byte[16 * CLUSTER];
    Arrays.fill(bytes, (byte) 7);
    Files.write(base, bytes);
    image = directory.resolve("pristine.qcow2");
    QemuImg.succeed("create", "-q", "-f", "qcow2", "-F", "raw", "-b", base, image, "1G");
    QemuIo.run(image, List.of("write -P 1 0 64k", "write -c -P 2 64k 64k"));
  }

  private record Rules(String options) {
    String over(Path file) {
      return "driver=qcow2,file.driver=blkdebug,file.image.filename=" + file + "," + options;
    }
  }

  /** What each command came to, in qemu-io's words without its figures. */
  private static List<String> theirs(Path file, Rules rules, List<String> commands) {
    // By default qemu-io flushes after each write.
    List<String> line = new ArrayList<>(List.of("-t", "writeback"));
    for (String command : commands) {
      line.add("-c");
      line.add(command);
    }
    line.add("--image-opts");
    line.add(rules.over(file));
    List<String> outcomes = new ArrayList<>();
    String output = QemuIo.output(line);
    for (String text : output.lines().toList()) {
      if (text.startsWith("read ") || text.startsWith("wrote ") || text.startsWith("write ")) {
        outcomes.add(text.contains("failed") ? "fails" : "works");
      } else if (text.contains("can't open")) {
        outcomes.add("does not open");
      }
    }
    return outcomes;
  }

  private static List<String> ours(Path file, Rules rules, List<String> commands)
      throws ImageException {
    List<String> outcomes = new ArrayList<>();
    OpenOptions options = OpenOptions.defaults().withBacking(BackingPolicy.ALLOW);
    DiskImage disk;
    try {
      disk = BlockGraph.openOptions(rules.over(file), options);
    } catch (ImageException e) {
      return List.of("does not open");
    }
    for (String command : commands) {
      try {
        carryOut(disk, command);
        if (!command.equals("flush")) {
          outcomes.add("works");
        }
      } catch (ImageException e) {
        assertThat(e.getCause()).hasMessage("Input/output error");
        // A flush that fails is nothing that qemu-io would tell of.
        if (!command.equals("flush")) {
          outcomes.add("fails");
        }
      }
    }
    try {
      disk.close();
    } catch (ImageException e) {
      assertThat(e.getCause()).hasMessage("Input/output error");
    }
    return outcomes;
  }

  private static void carryOut(DiskImage disk, String command) throws ImageException {
    String[] words = command.split(" ");
    switch (words[0]) {
      case "flush" -> disk.flush();
      case "read" -> disk.read(bytes(words[1]), ByteBuffer.allocate((int) bytes(words[2])));
      case "write" -> disk.write(bytes(words[1]), ByteBuffer.wrap(filled((int) bytes(words[2]))));
      default -> throw new IllegalArgumentException(command);
    }
  }

  private static byte[] filled(int length) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) 0xcd);
    return bytes;
  }

  private static long bytes(String text) {
    long unit =
        switch (text.charAt(text.length() - 1)) {
          case 'k' -> 1 << 10;
          case 'M' -> 1 << 20;
          default -> 1;
        };
    return Long.parseLong(unit == 1 ? text : text.substring(0, text.length() - 1)) * unit;
  }

  private static Path copy(String name) throws Exception {
    Path file = directory.resolve(name);
    return Files.copy(image, file, StandardCopyOption.REPLACE_EXISTING);
  }

  @ParameterizedTest
  @CsvSource({
    "read_aio,                read 0 64k;read 0 64k",
    "read_compressed,         read 64k 64k;read 64k 64k",
    "l2_load,                 read 0 64k;read 0 64k",
    "write_aio,               write 0 64k;write 0 64k;read 0 64k",
    "write_aio,               write 256k 64k;write 256k 64k;read 256k 64k",
    "cluster_alloc,           write 256k 64k;write 256k 64k",
    "l1_update,               write 600M 64k;write 600M 64k;read 600M 64k",
    "l2_alloc_write,          write 600M 64k;write 600M 64k",
    "cow_read,                write 257k 4k;write 257k 4k;read 256k 64k",
    "cow_write,               write 257k 4k;write 257k 4k;read 256k 64k",
    "l2_update,               write 256k 64k;flush;flush;read 256k 64k",
    "refblock_update_part,    write 256k 64k;flush;flush;read 256k 64k",
    "flush_to_disk,           write 256k 64k;flush;flush;read 256k 64k",
    "flush_to_os,             write 256k 64k;flush;flush;read 256k 64k",
    "pwritev,                 write 0 64k;write 0 64k",
    "reftable_load,           read 0 64k",
    "vmstate_save,            write 0 64k;flush",
    "l1_grow_write_table,     write 0 64k;flush",
  })
  void anErrorAtAnEventFailsTheSameCommands(String event, String script) throws Exception {
    Rules rules =
        new Rules(
            "file.inject-error.0.event="
                + event
                + ",file.inject-error.0.errno=5,file.inject-error.0.once=on");
    List<String> commands = List.of(script.split(";"));
    Path their = copy("their.qcow2");
    List<String> theirs = theirs(their, rules, commands);
    Path our = copy("our.qcow2");
    assertThat(ours(our, rules, commands)).isEqualTo(theirs).isNotEmpty();
    assertThat(QemuImg.run("check", our).exitCode()).isIn(0, 3);
    QemuImg.succeed("compare", our, their);
  }

  @ParameterizedTest
  @CsvSource({
    "read,         read 0 64k;write 0 64k;flush",
    "write,        read 0 64k;write 0 64k;read 0 64k",
    "flush,        read 0 64k;write 0 64k;flush",
    "discard,      read 0 64k;write 0 64k;flush",
  })
  void anErrorMayMeetOneKindOfAccessOnly(String type, String script) throws Exception {
    // From the first data access on: opening and tables are to work.
    String event = type.equals("read") ? "read_aio" : "write_aio";
    Rules rules =
        new Rules("file.inject-error.0.event=" + event + ",file.inject-error.0.iotype=" + type);
    List<String> commands = List.of(script.split(";"));
    assertThat(ours(copy("our.qcow2"), rules, commands))
        .isEqualTo(theirs(copy("their.qcow2"), rules, commands))
        .isNotEmpty();
  }

  @Test
  void anErrorMayMeetOneSectorOnly() throws Exception {
    Path raw = directory.resolve("disk.raw");
    Files.write(raw, new byte[CLUSTER]);
    String text =
        "driver=raw,file.driver=blkdebug,file.image.filename=%s,file.inject-error.0.event=none,"
            + "file.inject-error.0.sector=8";
    String opened = text.formatted(raw);
    try (DiskImage disk =
        BlockGraph.openOptions(opened, OpenOptions.defaults().withReadOnly(true))) {
      for (int sector = 0; sector < 16; sector++) {
        String theirs =
            QemuIo.output(
                List.of("-r", "-U", "-c", "read " + sector * 512 + " 512", "--image-opts", opened));
        boolean works = true;
        try {
          disk.read(sector * 512L, ByteBuffer.allocate(512));
        } catch (ImageException e) {
          works = false;
        }
        assertThat(works).as(theirs).isEqualTo(sector != 8).isEqualTo(!theirs.contains("failed"));
      }
    } catch (ImageException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"flush_to_os", "flush_to_disk", "l2_update", "refblock_update_part"})
  void aFlushThatMeetsAnErrorFailsAndMayBeRepeated(String event) throws Exception {
    Rules rules = new Rules("file.inject-error.0.event=" + event + ",file.inject-error.0.once=on");
    Path our = copy("our.qcow2");
    OpenOptions options = OpenOptions.defaults().withBacking(BackingPolicy.ALLOW);
    try (DiskImage disk = BlockGraph.openOptions(rules.over(our), options)) {
      disk.write(4 * CLUSTER, ByteBuffer.wrap(filled(CLUSTER)));
      ImageException e = catchThrowableOfType(ImageException.class, disk::flush);
      assertThat(e.getCause()).hasMessage("Input/output error");
      disk.flush();
    }
    QemuImg.assertClean(our);
    QemuIo.run(our, List.of("read -P 0xcd 256k 64k", "read -P 7 320k 64k"));
  }

  @Test
  void statesArmRulesOneAfterTheOther() throws Exception {
    // The second read of a compressed cluster arms the rule for plain reads.
    Rules rules =
        new Rules(
            "file.set-state.0.event=write_aio,file.set-state.0.state=1,"
                + "file.set-state.0.new_state=2,file.inject-error.0.event=read_aio,"
                + "file.inject-error.0.state=2,file.inject-error.0.once=on");
    List<String> commands =
        List.of("read 0 64k", "write 0 64k", "read 0 64k", "read 0 64k", "write 0 64k");
    List<String> ours = ours(copy("our.qcow2"), rules, commands);
    assertThat(ours)
        .isEqualTo(theirs(copy("their.qcow2"), rules, commands))
        .containsExactly("works", "works", "fails", "works", "works");
  }

  @Test
  void rulesOfAFileAreObeyed() throws Exception {
    Path config = directory.resolve("config");
    Files.writeString(
        config, "[inject-error]\nevent = \"read_aio\"\nerrno = \"28\"\nonce = \"on\"\n");
    Path our = copy("our.qcow2");
    String name = "blkdebug:" + config + ":" + our;
    String theirs = QemuIo.output(List.of("-r", "-c", "read 0 64k", "-c", "read 0 64k", name));
    assertThat(theirs).contains("read failed: No space left on device").contains("read 65536/");
    OpenOptions options =
        OpenOptions.defaults().withReadOnly(true).withBacking(BackingPolicy.ALLOW);
    try (DiskImage disk = BlockGraph.open(name, Optional.empty(), options)) {
      assertThat(disk.info().fileName()).isEqualTo(name);
      String failure = "";
      try {
        disk.read(0, ByteBuffer.allocate(CLUSTER));
      } catch (ImageException e) {
        failure = e.getCause().getMessage();
      }
      assertThat(failure).isEqualTo("No space left on device");
      disk.read(0, ByteBuffer.allocate(CLUSTER));
    }
  }
}
