package dev.monoceros.tests.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.images.Kernel;
import dev.monoceros.images.Suite;
import dev.monoceros.machine.DiskSpec;
import dev.monoceros.machine.DiskStats;
import dev.monoceros.machine.MachineConfig;
import dev.monoceros.machine.Verdict;
import dev.monoceros.tests.support.Dialogue;
import dev.monoceros.tests.support.Guests;
import dev.monoceros.tests.support.Images;
import dev.monoceros.tests.support.LinuxDisks;
import dev.monoceros.tests.support.PackagesRequired;
import dev.monoceros.tests.support.Run;
import dev.monoceros.tests.support.ToolsGuest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every feature of the block device on and off, as Linux's driver sees and uses it: one disk a
 * case, all in one machine, beside the same disks in a QEMU.
 */
@ExtendWith(PackagesRequired.class)
class LinuxBlockTest {
  private static final long MIB = 1 << 20;
  private static final long DISK_BYTES = 32 * MIB;
  private static final long LIMIT_SECONDS = 900;

  @TempDir Path directory;

  private Run run(Kernel kernel, String script, List<DiskSpec> disks) throws Exception {
    ToolsGuest guest =
        ToolsGuest.of(kernel, directory, script, "virtio_pci", "virtio_blk", "virtio_mmio", "ext4");
    MachineConfig config =
        Guests.machine(kernel.vmlinuz(), guest.script())
            .withInitrds(guest.initrds())
            .withMemoryBytes(ToolsGuest.MEMORY_MIB * MIB)
            .withDisks(disks);
    Run run = Run.of(config, Dialogue.silent(), LIMIT_SECONDS);
    assertThat(run.result().verdict()).as(run::tail).isEqualTo(Verdict.PASS);
    assertThat(run.console())
        .as(run::tail)
        .contains(ToolsGuest.DONE)
        .doesNotContain("TOOLS-FAILED", "WRONG", "Call Trace", "blocked for more than");
    return run;
  }

  private List<DiskSpec> disks(List<LinuxDisks.Case> cases) throws Exception {
    List<DiskSpec> disks = new ArrayList<>();
    for (LinuxDisks.Case one : cases) {
      Path image = Images.qcow2(directory.resolve(disks.size() + ".qcow2"), DISK_BYTES);
      disks.add(DiskSpec.of(image).withSettings(one.ours()));
    }
    return disks;
  }

  @Test
  void linuxSeesWhatTheOptionsSayAndSeesTheSameInQemu() throws Exception {
    List<LinuxDisks.Case> cases = LinuxDisks.cases();

    Map<String, Map<String, String>> seen =
        LinuxDisks.seen(run(Guests.kernel(), LinuxDisks.LOOK, disks(cases)).console());

    List<LinuxDisks.Case> both = cases.stream().filter(one -> one.theirs().isPresent()).toList();
    Map<String, Map<String, String>> theirs =
        LinuxDisks.seen(LinuxDisks.underQemu(both, directory, DISK_BYTES));
    for (int i = 0; i < cases.size(); i++) {
      LinuxDisks.Case one = cases.get(i);
      Map<String, String> found = seen.get(LinuxDisks.name(i));
      assertThat(found).as("%s", one.ours()).containsAllEntriesOf(one.expected());
      LinuxDisks.requireBits(one, found.get("features"));
      if (one.theirs().isPresent()) {
        Map<String, String> peer = new TreeMap<>(theirs.get(LinuxDisks.name(both.indexOf(one))));
        assertThat(peer.keySet()).isEqualTo(found.keySet());
        peer.keySet().removeAll(LinuxDisks.OURS_ALONE);
        assertThat(found).as("%s, as in QEMU", one.ours()).containsAllEntriesOf(peer);
      }
    }
  }

  @Test
  void everyKindOfDiskStoresDiscardsAndZeroes() throws Exception {
    usesEveryKindOfDisk(Guests.kernel());
  }

  @Test
  @Tag("long")
  void everyKindOfDiskStoresDiscardsAndZeroesUnderANewerKernel() throws Exception {
    usesEveryKindOfDisk(Guests.cache().kernel(Suite.TRIXIE, "cloud-amd64"));
  }

  private void usesEveryKindOfDisk(Kernel kernel) throws Exception {
    List<LinuxDisks.Case> cases = LinuxDisks.cases();
    List<DiskSpec> disks = disks(cases);

    Run run = run(kernel, LinuxDisks.USE, disks);

    for (int i = 0; i < cases.size(); i++) {
      assertThat(run.console())
          .as("%s", cases.get(i).ours())
          .contains(LinuxDisks.name(i) + " USED ");
      DiskStats stats = run.result().disks().get(i);
      assertThat(stats.failed()).isZero();
      assertThat(stats.bytesWritten()).isGreaterThanOrEqualTo(2 * MIB);
      assertThat(stats.flushes() > 0)
          .as("%s: flushes", cases.get(i).ours())
          .isEqualTo(!cases.get(i).ours().getOrDefault("flush", "on").equals("off"));
      Images.requireClean(disks.get(i).file().orElseThrow());
    }
  }

  /** 64 MiB in requests of 512 KiB: 128 times 10 us and 16,384 times 1,024 ns. */
  @Test
  void requestsTakeNoVirtualTimeWithLatencyZeroAndTheModelsTimeByDefault() throws Exception {
    String script =
        """
        now() { awk '/^now at/ {print $3}' /proc/timer_list; }
        for d in vda vdb; do
          a=$(now)
          for i in 1 2; do dd if=/dev/$d of=/dev/null bs=512k iflag=direct 2>/dev/null; done
          b=$(now)
          echo "$d TOOK $((b - a))"
        done
        """;
    DiskSpec disk = DiskSpec.of(Images.qcow2(directory.resolve("a.qcow2"), DISK_BYTES));
    DiskSpec zero =
        DiskSpec.of(Images.qcow2(directory.resolve("b.qcow2"), DISK_BYTES))
            .withLatency(DiskSpec.Latency.ZERO);

    Run run = run(Guests.kernel(), script, List.of(disk, zero));

    double model = 128 * 10_000 + 16_384 * 1_024;
    assertThat(took(run, "vda") - took(run, "vdb"))
        .as("the model's time and what idling costs the guest: %s", run.tail())
        .isBetween(0.8 * model, 1.3 * model);
  }

  private static double took(Run run, String disk) {
    return run.console()
        .lines()
        .filter(line -> line.startsWith(disk + " TOOK "))
        .mapToDouble(line -> Double.parseDouble(line.split(" ")[2]))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aDriverThatIsUnboundInTheMiddleOfWritesComesBackAndNothingIsWrittenAfterwards()
      throws Exception {
    unbinds(Guests.kernel(), 6);
  }

  @Test
  @Tag("long")
  void aDriverIsUnboundInTheMiddleOfWritesFortyTimes() throws Exception {
    unbinds(Guests.kernel(), 40);
    unbinds(Guests.cache().kernel(Suite.TRIXIE, "cloud-amd64"), 40);
  }

  private void unbinds(Kernel kernel, int times) throws Exception {
    Path image = directory.resolve("unbind-" + kernel.release() + ".qcow2");
    DiskSpec disk = DiskSpec.of(Images.qcow2(image, DISK_BYTES));

    Run run =
        run(kernel, LinuxDisks.UNBIND.replace("TIMES", Integer.toString(times)), List.of(disk));

    assertThat(run.console()).contains("ROUND " + times + " KEPT");
    Images.requireClean(image);
  }

  @Test
  void concurrentJobsOfFioFindAllTheyWroteOnEveryKindOfRing() throws Exception {
    fio(Guests.kernel(), "2m");
  }

  @Test
  @Tag("long")
  void longConcurrentJobsOfFioFindAllTheyWroteOnEveryKindOfRing() throws Exception {
    fio(Guests.kernel(), "7m");
    fio(Guests.cache().kernel(Suite.TRIXIE, "cloud-amd64"), "7m");
  }

  private void fio(Kernel kernel, String size) throws Exception {
    List<DiskSpec> disks = new ArrayList<>();
    for (Map<String, String> rings : LinuxDisks.rings()) {
      disks.add(DiskSpec.memory(DISK_BYTES).withSettings(rings));
    }
    disks.add(DiskSpec.memory(DISK_BYTES).withTransport(DiskSpec.Transport.MMIO));

    Run run = run(kernel, LinuxDisks.FIO.replace("SIZE", size), disks);

    for (int i = 0; i < disks.size(); i++) {
      assertThat(run.console()).contains(LinuxDisks.name(i) + " VERIFIED 0");
    }
  }

  @Test
  void ext4WithDiscardGivesBackWhatWasDeleted() throws Exception {
    ext4(Guests.kernel());
  }

  @Test
  @Tag("long")
  void ext4WithDiscardUnderANewerKernel() throws Exception {
    ext4(Guests.cache().kernel(Suite.TRIXIE, "cloud-amd64"));
  }

  private void ext4(Kernel kernel) throws Exception {
    Path image = Images.qcow2(directory.resolve(kernel.release() + ".qcow2"), 2 * DISK_BYTES);

    Run run = run(kernel, LinuxDisks.EXT4, List.of(DiskSpec.of(image)));

    assertThat(run.console()).contains("TRIMMED", "KEPT");
    Images.requireClean(image);
    Path raw = Images.rawByQemu(image, directory.resolve(kernel.release() + ".raw"));
    Images.requireCleanExt4(raw, 0, 2 * DISK_BYTES);
    String map =
        Images.output(
            Guests.oracles().qemuImg(), "map", "-f", "qcow2", "--output=json", image.toString());
    assertThat(LinuxDisks.allocated(map))
        .as("the 24 MiB that were deleted are free again")
        .isLessThan(20 * MIB);
  }
}
