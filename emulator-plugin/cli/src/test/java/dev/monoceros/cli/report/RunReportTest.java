package dev.monoceros.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.cli.boot.BootPlan;
import dev.monoceros.cli.boot.TemporaryFiles;
import dev.monoceros.machine.DiskSpec;
import dev.monoceros.machine.MachineConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunReportTest {
  /** FIPS 180-2, B.1. */
  private static final String SHA256_OF_ABC =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

  @TempDir Path temporary;

  private Path file(String name) throws IOException {
    return Files.writeString(temporary.resolve(name), "abc");
  }

  @Test
  void everyInputIsHashedAndAMadeInitramfsHasNoNameThatChanges() throws IOException {
    Path kernel = file("kernel");
    Path given = file("given");
    TemporaryFiles ours = new TemporaryFiles();
    Path made = Files.writeString(ours.add("initramfs", "made for this run"), "abc");
    Path library = file("library");
    Path disk = file("disk");
    MachineConfig config =
        MachineConfig.of(kernel)
            .withInitrds(List.of(given, made))
            .withDisks(List.of(DiskSpec.of(disk)));
    BootPlan plan = new BootPlan(config, "", "", Optional.of(library), Optional.empty(), ours);

    assertThat(RunReport.inputs(plan))
        .containsExactly(
            new InputFile("kernel", kernel.toString(), 3, SHA256_OF_ABC),
            new InputFile("initrd", given.toString(), 3, SHA256_OF_ABC),
            new InputFile("initrd", "made for this run", 3, SHA256_OF_ABC),
            new InputFile("libunicorn", library.toString(), 3, SHA256_OF_ABC),
            new InputFile("disk", disk.toString(), 3, SHA256_OF_ABC));
    plan.close();
    assertThat(made).doesNotExist();
  }
}
