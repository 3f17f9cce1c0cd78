package dev.monoceros.cli.tool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.cli.tool.ByteCount.Outcome;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Figures are what qemu-img 7.2 takes and prints. */
final class ByteCountTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0 B",
    "1, 1 B",
    "512, 512 B",
    "999, 999 B",
    "1000, 0.977 KiB",
    "1023, 0.999 KiB",
    "1024, 1 KiB",
    "65536, 64 KiB",
    "1610612736, 1.5 GiB",
    "197120, 192 KiB",
    "1314816, 1.25 MiB",
    "1100288, 1.05 MiB",
    "1022976, 999 KiB",
    "1024000, 0.977 MiB",
    "9223372036854775807, 8 EiB"
  })
  void sizesArePrintedWithThreeDigits(long bytes, String text) {
    assertThat(ByteCount.toText(bytes)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1",
    "1k, 1024",
    "1K, 1024",
    "1.5G, 1610612736",
    "1.k, 1024",
    "0.00001k, 0",
    "0.5k, 512",
    "0x10000, 65536",
    "0X1f, 31",
    "08, 8",
    "1b, 1",
    "+1M, 1048576",
    "18446744073709551615, -1"
  })
  void numbersAreReadToTheByte(String text, long bytes) {
    ByteCount.Parsed parsed = ByteCount.parse(text, 'B');

    assertThat(parsed.outcome()).isEqualTo(Outcome.OK);
    assertThat(parsed.value()).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "x", "-1", ".5M", "1.5", "1.5e3", "1e3", "1 M", "1MB", "0x", "0x1.5k"})
  void whatIsNoNumberIsRefused(String text) {
    assertThat(ByteCount.parse(text, 'B').outcome()).isEqualTo(Outcome.INVALID);
  }

  @ParameterizedTest
  @ValueSource(strings = {"16E", "99E", "18446744073709551616", "99999999999999999999999"})
  void whatDoesNotFitIn64BitsIsOutOfRange(String text) {
    assertThat(ByteCount.parse(text, 'B').outcome()).isEqualTo(Outcome.OUT_OF_RANGE);
  }
}
