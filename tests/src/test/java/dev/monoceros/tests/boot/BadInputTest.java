package dev.monoceros.tests.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.monoceros.machine.DiskSpec;
import dev.monoceros.machine.Machine;
import dev.monoceros.machine.MachineConfig;
import dev.monoceros.machine.MachineException;
import dev.monoceros.machine.MachineException.Kind;
import dev.monoceros.machine.chipset.ConsoleSource;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.OpenOptions;
import dev.monoceros.tests.support.BareProgram;
import dev.monoceros.tests.support.ChildJvm;
import dev.monoceros.tests.support.Guests;
import dev.monoceros.tests.support.ImageHolder;
import dev.monoceros.tests.support.Images;
import dev.monoceros.tests.support.PackagesRequired;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What cannot be run is refused before anything runs, in one sentence that names it. */
@ExtendWith(PackagesRequired.class)
class BadInputTest {
  private static final int MIB = 1 << 20;

  @TempDir Path directory;
  private Path kernel;

  @BeforeEach
  void writeKernel() {
    kernel = BareProgram.program().powerOff().loopForEver().write(directory, "kernel");
  }

  private MachineConfig config() {
    return MachineConfig.of(kernel)
        .withMemoryBytes(MachineConfig.LEAST_MEMORY)
        .withLibraries(List.of(Guests.library(Guests.REFERENCE)));
  }

  private MachineConfig withKernel(Path other) {
    return Guests.machine(other, directory).withInitrds(List.of());
  }

  private MachineConfig withDisk(Path file) {
    return config().withDisks(List.of(DiskSpec.of(file)));
  }

  private static void requireRefusal(MachineConfig config, Kind kind, String... words) {
    MachineException refusal =
        catchThrowableOfType(
            MachineException.class,
            () -> Machine.open(config, b -> {}, ConsoleSource.empty()).close());
    assertThat(refusal).as("the refusal").isNotNull();
    assertThat(refusal).hasMessageContainingAll(words);
    assertThat(refusal.kind()).as(refusal.getMessage()).isEqualTo(kind);
    assertThat(refusal.getMessage())
        .as("one sentence for the user")
        .doesNotContain("\n", "Exception", "null")
        .hasSizeLessThan(400);
  }

  @Test
  void moreMemoryThanCanBeAddressedIsRefused() {
    for (long bytes : new long[] {1L << 46, Long.MAX_VALUE - (1 << 20) + 1, 513L << 30}) {
      requireRefusal(config().withMemoryBytes(bytes), Kind.CONFIG, "at most 524288 MiB of RAM");
    }
  }

  @Test
  void theProgramOfTheseTestsRunsWhenNothingIsWrong() throws Exception {
    Machine.open(config(), b -> {}, ConsoleSource.empty()).close();
  }

  @Test
  void aMissingKernel() {
    requireRefusal(withKernel(directory.resolve("gone")), Kind.CONFIG, "gone");
  }

  @Test
  void aDirectoryForAKernel() {
    requireRefusal(withKernel(directory), Kind.CONFIG, directory.toString());
  }

  @Test
  void aMissingInitrd() {
    requireRefusal(
        config().withInitrds(List.of(directory.resolve("no-initrd"))), Kind.CONFIG, "no-initrd");
  }

  @Test
  void aTextFileForAKernel() throws Exception {
    Path text = Files.writeString(directory.resolve("notes.txt"), "not a kernel\n".repeat(100));

    requireRefusal(withKernel(text), Kind.CONFIG, "notes.txt", "text");
  }

  @Test
  void aDiskImageForAKernel() throws Exception {
    Path image = Images.qcow2(directory.resolve("disk.qcow2"), MIB);

    requireRefusal(withKernel(image), Kind.CONFIG, "disk.qcow2", "QCOW");
  }

  @Test
  void anInitramfsForAKernel() {
    Path initrd = Guests.scriptInitrd(directory, "poweroff -f\n");

    requireRefusal(withKernel(initrd), Kind.CONFIG, initrd.getFileName().toString(), "cpio");
  }

  @Test
  void aProgramOfTheHostForAKernel() {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");

    requireRefusal(withKernel(java), Kind.CONFIG, java.toString(), "interpreter");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 511, 512, 4096, 100_000, 4_000_000})
  void aTruncatedKernel(int length) throws Exception {
    byte[] whole = Files.readAllBytes(Guests.kernel().vmlinuz());
    Path part = directory.resolve("vmlinuz-part");
    Files.write(part, Arrays.copyOf(whole, length));

    requireRefusal(withKernel(part), Kind.CONFIG, "vmlinuz-part");
  }

  @Test
  void tooLittleMemoryAltogether() {
    requireRefusal(config().withMemoryBytes(32L * MIB), Kind.CONFIG, "64 MiB", "32");
  }

  @Test
  void tooLittleMemoryForThisKernelAndInitrd() throws Exception {
    Path large = directory.resolve("large.cpio");
    Files.write(large, new byte[60 * MIB]);

    requireRefusal(config().withInitrds(List.of(large)), Kind.CONFIG, "large.cpio", "MiB");
  }

  @Test
  void aMissingDisk() {
    requireRefusal(withDisk(directory.resolve("gone.qcow2")), Kind.IMAGE, "gone.qcow2");
  }

  @Test
  void aDirectoryForADisk() {
    requireRefusal(withDisk(directory), Kind.IMAGE, directory.toString());
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 71, 103, 4096, 65536 + 100})
  void aTruncatedDisk(int length) throws Exception {
    Path whole = Images.qcow2(directory.resolve("whole.qcow2"), 64L * MIB);
    Path part = directory.resolve("part.qcow2");
    Files.write(part, Arrays.copyOf(Files.readAllBytes(whole), length));

    requireRefusal(withDisk(part), Kind.IMAGE, "part.qcow2");
  }

  @Test
  void aRawDiskThatIsSaidToBeQcow2() throws Exception {
    Path raw = Files.write(directory.resolve("raw.img"), new byte[MIB]);
    DiskSpec spec =
        new DiskSpec(
            raw,
            Optional.of(DiskSpec.Format.QCOW2),
            false,
            false,
            Optional.empty(),
            OptionalLong.empty());

    requireRefusal(config().withDisks(List.of(spec)), Kind.IMAGE, "raw.img");
  }

  @Test
  void aDiskThatAnotherProcessHasOpen() throws Exception {
    Path disk = Images.qcow2(directory.resolve("held.qcow2"), 64L * MIB);
    try (ImageHolder holder = ImageHolder.hold(disk)) {
      requireRefusal(withDisk(disk), Kind.IMAGE, "held.qcow2", "use");
    }
    Machine.open(withDisk(disk), b -> {}, ConsoleSource.empty()).close();
  }

  @Test
  void aDiskThatThisProcessHasOpenKeepsItsLockAfterTheRefusal() throws Exception {
    Path disk = Images.qcow2(directory.resolve("held.qcow2"), 64L * MIB);
    try (DiskImage mine = DiskImage.open(disk, OpenOptions.defaults())) {
      requireRefusal(withDisk(disk), Kind.IMAGE, "held.qcow2", "use");
      assertThat(openedByAnotherProcess(disk)).isFalse();
      assertThat(mine.size()).isEqualTo(64L * MIB);
    }
    assertThat(openedByAnotherProcess(disk)).isTrue();
  }

  private static boolean openedByAnotherProcess(Path disk) throws IOException {
    Process process =
        new ProcessBuilder(ChildJvm.command(ImageHolder.class, disk.toString()))
            .redirectErrorStream(true)
            .start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return !said.contains("ImageException");
  }

  @Test
  void aDiskWithoutWritePermission() throws Exception {
    Path disk = Images.qcow2(directory.resolve("locked.qcow2"), MIB);
    assertThat(disk.toFile().setWritable(false)).isTrue();
    // root may write all the same; for everybody else the refusal must name the file
    if (!Files.isWritable(disk)) {
      requireRefusal(withDisk(disk), Kind.IMAGE, "locked.qcow2");
    }
  }

  @Test
  void moreDisksThanLettersAreRefused() throws Exception {
    List<DiskSpec> disks = new ArrayList<>();
    for (int i = 0; i < 27; i++) {
      disks.add(DiskSpec.of(Images.qcow2(directory.resolve("disk" + i), MIB)));
    }

    requireRefusal(config().withDisks(disks), Kind.CONFIG, "26 disks");
  }

  @Test
  void aRefusalLeavesNoDiskLocked() throws Exception {
    Path good = Images.qcow2(directory.resolve("good.qcow2"), MIB);
    MachineConfig config =
        config()
            .withDisks(List.of(DiskSpec.of(good), DiskSpec.of(directory.resolve("gone.qcow2"))));

    requireRefusal(config, Kind.IMAGE, "gone.qcow2");

    DiskImage.open(good, OpenOptions.defaults()).close();
    requireRefusal(
        withDisk(good).withInitrds(List.of(directory.resolve("gone"))), Kind.CONFIG, "gone");
    DiskImage.open(good, OpenOptions.defaults()).close();
  }

  @Test
  void aLibraryThatIsNone() throws Exception {
    Path text = Files.writeString(directory.resolve("libunicorn.so.2"), "not a library");

    requireRefusal(
        config().withLibraries(List.of(text)), Kind.HOST, "libunicorn.so.2", "MONOCEROS_UNICORN");
  }

  @Test
  void noLibraryAtAll() {
    requireRefusal(config().withLibraries(List.of()), Kind.HOST, "libunicorn", "MONOCEROS_UNICORN");
  }
}
