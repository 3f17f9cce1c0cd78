package dev.monoceros.tests.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.machine.DiskSpec;
import dev.monoceros.machine.DiskSpec.Latency;
import dev.monoceros.machine.MachineConfig;
import dev.monoceros.machine.boot.BootProtocol;
import dev.monoceros.tests.support.BareDisk;
import dev.monoceros.tests.support.GuestProgram;
import dev.monoceros.tests.support.Guests;
import dev.monoceros.tests.support.Images;
import dev.monoceros.tests.support.PackagesRequired;
import dev.monoceros.tests.support.QemuGuest;
import dev.monoceros.tests.support.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Our bare-metal program drives the disk through the real CPU and bus: what Linux with one CPU does
 * not use (several queues, IN_ORDER, queue reset, queues of 1 and of 1024, packed rings). It finds,
 * sizes, places and moves the BAR itself, checks all data and that nothing is written after a
 * reset; the image is then read by our library and by QEMU's. The program also runs under QEMU, so
 * that it is not graded by our device alone.
 */
@ExtendWith(PackagesRequired.class)
@Timeout(300)
class BareDiskTest {
  private static final long MEMORY = 64 << 20;
  private static final long MOST_VIRTUAL_NANOS = 600_000_000_000L;
  private static final String ALL_OFF = "packed=off,in_order=off";

  @TempDir static Path shared;
  private static Path program;

  @TempDir Path directory;

  @BeforeAll
  static void compile() throws IOException {
    program = GuestProgram.compile(shared);
  }

  /** What the program said at its end. */
  private record Report(String text) {
    long number(String name) {
      Matcher matcher = Pattern.compile(" " + name + "=(\\d+)").matcher(text);
      assertThat(matcher.find()).as("%s in %s", name, text).isTrue();
      return Long.parseLong(matcher.group(1));
    }
  }

  private DiskSpec disk(String settings) throws IOException {
    Path image = Files.createTempDirectory(directory, "disk").resolve("disk.qcow2");
    Images.qcow2(image, BareDisk.BYTES);
    Map<String, String> byName = new TreeMap<>();
    for (String setting : settings.split(",")) {
      String[] pair = setting.split("=", 2);
      byName.put(pair[0], pair[1]);
    }
    return DiskSpec.of(image).withSettings(byName);
  }

  private static Run run(DiskSpec disk, String commandLine) throws Exception {
    MachineConfig config =
        MachineConfig.of(program)
            .withBoot(BootProtocol.PVH)
            .withCommandLine(commandLine)
            .withMemoryBytes(MEMORY)
            .withMaxVirtualNanos(MOST_VIRTUAL_NANOS)
            .withLibraries(List.of(Guests.library(Guests.REFERENCE)))
            .withDisks(List.of(disk));
    return Run.of(config);
  }

  /** Runs the program to its good end and looks at the image. */
  private Report report(DiskSpec disk, int queues, String commandLine) throws Exception {
    Run run = run(disk, "queues=" + queues + " " + commandLine);
    assertThat(run.result().debugExit()).as(run::tail).isEqualTo(OptionalInt.of(0));
    BareDisk.requireContents(disk.file().orElseThrow(), queues, directory);
    Report report = new Report(run.console());
    assertThat(report.number("queues")).isEqualTo(queues);
    assertThat(report.number("reads")).isPositive();
    return report;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8, 16})
  void everyNumberOfQueuesWorksThroughResetsOfAQueueAndOfTheDevice(int queues) throws Exception {
    Report report =
        report(
            disk("num-queues=" + queues),
            queues,
            "queue-resets=2 resets=2 mastering=1 requests=" + (20 + 100 / queues));
    assertThat(report.number("dropped")).as("requests in flight at resets").isPositive();
    assertThat(report.number("overtaken")).as("completions out of order").isPositive();
  }

  @ParameterizedTest
  @CsvSource({"1,0", "2,0", "256,1", "1024,0", "1024,1"})
  void everySizeOfSplitQueuesWorks(int size, int eventIndex) throws Exception {
    report(
        disk("num-queues=3,queue-size=1024"),
        3,
        "requests=60 queue-resets=3 resets=1 size=" + size + " event-idx=" + eventIndex);
  }

  @ParameterizedTest
  @CsvSource({"1,0", "2,1", "7,1", "255,0", "256,1", "1024,1"})
  void everySizeOfPackedQueuesWorksAlsoWhenItIsNoPowerOfTwo(int size, int eventIndex)
      throws Exception {
    report(
        disk("num-queues=3,queue-size=1024,packed=on"),
        3,
        "requests=60 queue-resets=3 resets=1 packed=1 size=" + size + " event-idx=" + eventIndex);
  }

  @ParameterizedTest
  @CsvSource({"0,1,0", "0,16,1", "1,1,1", "1,16,0"})
  void withInOrderNoRequestOvertakesAnother(int packed, int queues, int notificationData)
      throws Exception {
    Report report =
        report(
            disk("packed=on,in_order=on,notification_data=on,num-queues=" + queues),
            queues,
            "in-order=1 queue-resets=2 resets=2 requests=40 packed="
                + packed
                + " notification-data="
                + notificationData);
    assertThat(report.number("overtaken")).isZero();
    assertThat(report.number("dropped")).isPositive();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void directDescriptorsAloneWork(int packed) throws Exception {
    report(
        disk("num-queues=2,packed=on,indirect_desc=off"),
        2,
        "indirect=0 size=64 requests=100 queue-resets=1 resets=1 packed=" + packed);
  }

  @Test
  void requestsThatCompleteAtOnceWorkToo() throws Exception {
    report(
        disk("num-queues=2").withLatency(Latency.ZERO),
        2,
        "requests=100 queue-resets=1 resets=1 event-idx=1");
  }

  @Test
  void resetsAtTwentyRandomPointsLeaveNothingStuckAndWriteNothing() throws Exception {
    Report report = report(disk("num-queues=4"), 4, "requests=10 resets=20 seed=5");
    assertThat(report.number("dropped")).isGreaterThan(20);
  }

  @Test
  @Tag("long")
  void resetsAtAThousandRandomPointsLeaveNothingStuckAndWriteNothing() throws Exception {
    report(disk("num-queues=4,packed=on"), 4, "packed=1 requests=5 resets=1000 seed=6");
  }

  @ParameterizedTest
  @Tag("long")
  @ValueSource(ints = {0, 1})
  void theSixteenBitIndicesWrapOnEveryQueue(int packed) throws Exception {
    report(
        disk("num-queues=2,packed=on"), 2, "event-idx=1 size=128 requests=70000 packed=" + packed);
  }

  @Test
  void theRunRepeats() throws Exception {
    String what = "queues=3 packed=1 event-idx=1 queue-resets=2 resets=3 requests=50";
    Run first = run(disk("num-queues=3,packed=on"), what);
    assertThat(run(disk("num-queues=3,packed=on"), what)).isEqualTo(first);
  }

  @Test
  void aFeatureThatIsNotOfferedEndsTheProgram() throws Exception {
    Run run = run(disk(ALL_OFF), "in-order=1");
    assertThat(run.result().debugExit()).as(run::tail).isEqualTo(OptionalInt.of(1));
    assertThat(run.console()).contains("FAIL (offered & wanted) == wanted");
  }

  /**
   * The program is a right driver for somebody else's device. QEMU 7.2 has no IN_ORDER, and writes
   * for requests of a queue after its reset, so that is left out.
   */
  @ParameterizedTest
  @CsvSource({"1,256,0,0", "16,1024,0,1", "3,1,0,0", "2,2,0,0", "3,256,1,1", "8,1024,1,0"})
  void qemusDeviceFindsTheProgramADriverToo(int queues, int size, int packed, int eventIndex)
      throws Exception {
    Path image = Images.qcow2(directory.resolve("qemu.qcow2"), BareDisk.BYTES);
    String said =
        QemuGuest.run(
            "pc",
            List.of(
                "-m",
                Long.toString(MEMORY >> 20),
                "-kernel",
                program.toString(),
                "-append",
                "queues=%d size=%d packed=%d event-idx=%d resets=2 requests=50"
                    .formatted(queues, size, packed, eventIndex),
                "-drive",
                "if=none,id=disk,format=qcow2,file=" + image,
                "-device",
                "virtio-blk-pci,drive=disk,disable-legacy=on,queue-size=1024,num-queues=%d,packed=%s"
                    .formatted(queues, packed == 1 ? "on" : "off"),
                "-device",
                "isa-debug-exit,iobase=0xf4"));
    assertThat(said).contains("DONE identities=");
    BareDisk.requireContents(image, queues, directory);
  }
}
