package dev.monoceros.cli.boot;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KernelLineTest {
  @ParameterizedTest
  @CsvSource({
    "'', root=/dev/vda1, a=b, console=ttyS0 panic=-1 root=/dev/vda1 a=b",
    "root=x ro quiet, '', '', root=x ro quiet console=ttyS0 panic=-1",
    "'console=tty0 console=ttyS0,115200n8 panic=5', '', '', 'console=tty0 console=ttyS0,115200n8 panic=5'",
    "console=ttyS0 console=tty0, '', '', console=ttyS0 console=tty0 console=ttyS0 panic=-1",
    "console=ttyS01, '', '', console=ttyS01 console=ttyS0 panic=-1",
    "'', '', 'x=\"a  b\"', 'console=ttyS0 panic=-1 x=\"a  b\"'"
  })
  void anEntryGetsWhatItLacksAndTheUserHasTheLastWord(
      String entry, String root, String append, String line) {
    assertThat(KernelLine.of(entry, root, append)).isEqualTo(line);
  }
}
