package dev.monoceros.cli.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.monoceros.machine.DiskSpec;
import java.nio.file.Path;
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

  /** QEMU's rule: a comma in a value is doubled. */
  @Property
  void aNameWithItsCommasDoubledComesBackWhole(
      @ForAll @StringLength(min = 1, max = 20) @CharRange(from = 'a', to = 'e') @Chars(',')
          String name) {
    assertThat(DiskOption.parse(name.replace(",", ",,") + ",ro").file().toString())
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
        "d,cache=none|no setting 'cache': there are format=",
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
