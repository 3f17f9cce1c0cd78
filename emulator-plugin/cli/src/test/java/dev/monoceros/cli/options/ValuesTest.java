package dev.monoceros.cli.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sizes, lengths of time, and times. */
class ValuesTest {
  @ParameterizedTest
  @CsvSource({
    "512,1048576,536870912",
    "512M,1,536870912",
    "2g,1048576,2147483648",
    "1k,1,1024",
    "7b,1048576,7",
    "8388607T,1,9223370937343148032"
  })
  void sizesCountInPowersOf1024(String text, long unit, long bytes) {
    assertThat(ByteSize.parse(text, unit)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "M", "-1", "1.5G", "8388608T", "99999999999999999999", "1 M"})
  void whatIsNoSizeIsRefused(String text) {
    assertThatThrownBy(() -> ByteSize.parse(text, 1))
        .isInstanceOf(OptionException.class)
        .hasMessageContaining("'" + text + "'");
  }

  @ParameterizedTest
  @CsvSource({
    "30s,PT30S",
    "500ms,PT0.5S",
    "1.5,PT1.5S",
    "2m,PT2M",
    "1h,PT1H",
    "10us,PT0.00001S",
    "1ns,PT0.000000001S"
  })
  void lengthsOfTimeHaveUnitsAndABareNumberCountsSeconds(String text, Duration expected) {
    assertThat(TimeSpan.parseNanos(text)).isEqualTo(expected.toNanos());
  }

  @Property
  void anyNumberOfNanosecondsIsReadExactly(
      @ForAll @LongRange(min = 1, max = 999_999_999_999_999_999L) long nanos) {
    assertThat(TimeSpan.parseNanos(nanos + "ns")).isEqualTo(nanos);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "s", "-1s", "0", "0.0001ns", "5 s", "1d", "999999999999h"})
  void whatIsNoLengthOfTimeIsRefused(String text) {
    assertThatThrownBy(() -> TimeSpan.parseNanos(text))
        .isInstanceOf(OptionException.class)
        .hasMessageContaining("'" + text + "'");
  }

  @ParameterizedTest
  @CsvSource({
    "2026-01-01T00:00:00Z,2026-01-01T00:00:00Z",
    "2026-01-01T00:00:00,2026-01-01T00:00:00Z",
    "2026-01-01,2026-01-01T00:00:00Z",
    "2026-01-01T02:00:00.9+02:00,2026-01-01T00:00:00Z",
    "host,2031-05-06T07:08:09Z"
  })
  void theClockStartsAtAnIsoTimeOrTheHosts(String text, Instant expected) {
    assertThat(StartTime.parse(text, () -> Instant.parse("2031-05-06T07:08:09.123Z")))
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "now", "1969-12-31", "2100-01-01", "2026-13-01", "T"})
  void whatIsNoTimeOfTheClockIsRefused(String text) {
    assertThatThrownBy(() -> StartTime.parse(text, () -> Instant.EPOCH))
        .isInstanceOf(OptionException.class)
        .hasMessageContaining("'" + text + "'");
  }
}
