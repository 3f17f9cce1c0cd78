package dev.monoceros.cli.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.monoceros.machine.DiskSpec;
import dev.monoceros.machine.block.FaultRule;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DiskOptionTest {
  @Test
  void aFileAloneIsAWritableDiskOfAFormatToBeFoundOut() {
    assertThat(DiskOption.parse("a/disk.qcow2")).isEqualTo(DiskSpec.of(Path.of("a/disk.qcow2")));
  }

  @Test
  void everySettingIsTaken() {
    assertThat(
            DiskOption.parse(
                "disk,format=raw,ro,snapshot,serial=SN 1,l2-cache-size=2M,backing=allow"))
        .isEqualTo(
            new DiskSpec(
                Path.of("disk"),
                Optional.of(DiskSpec.Format.RAW),
                true,
                true,
                Optional.of("SN 1"),
                OptionalLong.of(2 << 20),
                true));
  }

  @Test
  void backingFilesElsewhereAreNotFollowedUnlessTheUserSaysSo() {
    assertThat(DiskOption.parse("disk").anyBacking()).isFalse();
    assertThat(DiskOption.parse("disk,backing=allow").anyBacking()).isTrue();
  }

  @Test
  void aDiskIsOnPciUnlessTheUserWantsMmio() {
    assertThat(DiskOption.parse("disk").transport()).isEqualTo(DiskSpec.Transport.PCI);
    assertThat(DiskOption.parse("disk,transport=pci").transport())
        .isEqualTo(DiskSpec.Transport.PCI);
    assertThat(DiskOption.parse("disk,transport=mmio").transport())
        .isEqualTo(DiskSpec.Transport.MMIO);
    assertThatThrownBy(() -> DiskOption.parse("disk,transport=ccw"))
        .isInstanceOf(OptionException.class)
        .hasMessage("'transport' is pci or mmio, not 'ccw'");
  }

  @Test
  void requestsTakeTheDefaultTimeUnlessTheUserWantsNone() {
    assertThat(DiskOption.parse("disk").latency()).isEqualTo(DiskSpec.Latency.DEFAULT);
    assertThat(DiskOption.parse("disk,latency=default").latency())
        .isEqualTo(DiskSpec.Latency.DEFAULT);
    assertThat(DiskOption.parse("disk,latency=zero").latency()).isEqualTo(DiskSpec.Latency.ZERO);
    assertThatThrownBy(() -> DiskOption.parse("disk,latency=none"))
        .isInstanceOf(OptionException.class)
        .hasMessage("'latency' is default or zero, not 'none'");
  }

  @Test
  void flagsMayBeSpelledOnAndOff() {
    DiskSpec disk = DiskOption.parse("disk,ro=on,snapshot=off");

    assertThat(disk.readOnly()).isTrue();
    assertThat(disk.snapshot()).isFalse();
  }

  @Test
  void settingsOfTheDeviceGetItsNamesAndSizesInBytes() {
    assertThat(
            DiskOption.parse(
                    "disk,num_queues=4,block-size=4k,min-io-size=64K,size-max=1M,packed,"
                        + "in-order=on,write_zeroes=off,event-idx=off,cache=writethrough,"
                        + "throttling.iops-write=100,throttling.bps-total=2M")
                .settings())
        .containsExactlyInAnyOrderEntriesOf(
            Map.ofEntries(
                Map.entry("num-queues", "4"),
                Map.entry("logical_block_size", "4096"),
                Map.entry("min_io_size", "65536"),
                Map.entry("size-max", "1048576"),
                Map.entry("packed", "on"),
                Map.entry("in_order", "on"),
                Map.entry("write-zeroes", "off"),
                Map.entry("event_idx", "off"),
                Map.entry("cache", "writethrough"),
                Map.entry("throttling.iops-write", "100"),
                Map.entry("throttling.bps-total", "2097152")));
  }

  @Test
  void aDiskCanBeInMemory() {
    assertThat(DiskOption.parse("memory:64M")).isEqualTo(DiskSpec.memory(64 << 20));
    assertThat(DiskOption.parse("./memory:64M").file()).contains(Path.of("./memory:64M"));
    assertThat(DiskOption.parse("memory:1k,ro,num-queues=2").readOnly()).isTrue();
  }

  @Test
  void faultsAreTakenInTheirOrderWithTheirSeed() {
    DiskSpec disk =
        DiskOption.parse("d,inject=read:delay=5ms@every:10,inject-seed=0x10,inject=any:error@p0.5");

    assertThat(disk.faults().seed()).isEqualTo(16);
    assertThat(disk.faults().rules())
        .extracting(FaultRule::text)
        .containsExactly("read:delay=5000000ns@every:10", "any:error@p0.5");
  }

  /** QEMU's rule: a comma in a value is doubled. */
  @Property
  void aNameWithItsCommasDoubledComesBackWhole(
      @ForAll @StringLength(min = 1, max = 20) @CharRange(from = 'a', to = 'e') @Chars(',')
          String name) {
    assertThat(DiskOption.parse(name.replace(",", ",,") + ",ro").file().orElseThrow().toString())
        .isEqualTo(Path.of(name).toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|names no file",
        ",ro|names no file",
        "d,format=vmdk|none of qcow2, qcow and raw",
        "d,format|needs a value",
        "d,serial=|needs a value",
        "d,serial=123456789012345678901|at most 20 printable ASCII",
        "d,serial=é|at most 20 printable ASCII",
        "d,cach=none|no setting 'cach': there are format=",
        "d,cache=none|'cache' is writeback, writethrough or unsafe, not 'none'",
        "d,cache|'cache' needs a value",
        "d,num-queues=0|1 to 16 queues",
        "d,num-queues=17|1 to 16 queues",
        "d,num-queues=two|'num-queues' is a whole number, not 'two'",
        "d,num-queues=-1|'num-queues' is a whole number, not '-1'",
        "d,num-queues=99999999999|at most 2147483647",
        "d,queue-size=100|power of two from 1 to 1024",
        "d,queue-size=2048|power of two from 1 to 1024",
        "d,block-size=1000|power of two from 512 to 65536",
        "d,block-size=4k,physical-block-size=512|at least its block size of 4096 bytes",
        "d,min-io-size=100|multiples of its block size",
        "d,opt_io_size=1x|no size such as",
        "d,size-max=512|at least 4096",
        "d,packed=yes|'packed' is on or off, not 'yes'",
        "d,throttling.iops-total=-5|'throttling.iops-total' is a whole number, not '-5'",
        "d,throttling.bps-read=100|0, for none, or from 512",
        "memory:|no size such as",
        "memory:1000|positive multiple of 512",
        "memory:0|positive multiple of 512",
        "memory:1M,format=raw|is no image",
        "memory:1M,snapshot|is no image",
        "d,inject|needs a value",
        "d,inject=read|is not of the form",
        "d,inject=open:error|'open' is no operation",
        "d,inject=read:burn|'burn' is no fault",
        "d,inject=read:torn|only write, zero, erase and any can be torn",
        "d,inject=read:delay=x|no time such as",
        "d,inject=read:delay=2h|at most an hour",
        "d,inject=read:error@0|counted from 1",
        "d,inject=read:error@5-4|says not when",
        "d,inject=read:error@p1.5|says not when",
        "d,inject=read:error@every:0|says not when",
        "d,inject-seed=x|no whole number",
        "d,throttling.iops=5|no setting 'throttling.iops'",
        "d,ro=yes|on or off, not 'yes'",
        "d,l2-cache-size=0|more than nothing",
        "d,backing=yes|allow or not given",
        "d,backing|needs a value",
        "d,l2-cache-size=1X|no size such as",
        "d,|no setting ''"
      })
  void aWrongSettingIsNamed(String text, String words) {
    assertThatThrownBy(() -> DiskOption.parse(text))
        .isInstanceOf(OptionException.class)
        .hasMessageContaining(words);
  }
}
