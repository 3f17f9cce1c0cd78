package dev.monoceros.cli.options;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

/** What the guest's real-time clock shows at power-on. */
public final class StartTime {
  private static final String HOST = "host";

  private StartTime() {}

  /**
   * Reads a time.
   *
   * @param text {@code host}, or ISO 8601: 2026-01-01, 2026-01-01T12:00:00, with Z or an offset;
   *     UTC without one
   * @param host what {@code host} means
   * @return a time in whole seconds, as the clock counts
   * @throws OptionException if it is none, or not in the years 1970 to 2099
   */
  public static Instant parse(String text, InstantSource host) {
    Instant time =
        (text.equals(HOST) ? host.instant() : parseIso(text)).truncatedTo(ChronoUnit.SECONDS);
    int year = time.atOffset(ZoneOffset.UTC).getYear();
    if (year < 1970 || year > 2099) {
      throw new OptionException("'" + text + "' is outside the clock's years, 1970 to 2099");
    }
    return time;
  }

  private static Instant parseIso(String text) {
    try {
      if (text.indexOf('T') < 0) {
        return LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC);
      }
      boolean offset = text.matches(".*(Z|[+-]\\d\\d:?\\d\\d)$");
      return offset
          ? OffsetDateTime.parse(text).toInstant()
          : LocalDateTime.parse(text).toInstant(ZoneOffset.UTC);
    } catch (DateTimeException e) {
      throw new OptionException(
          "'" + text + "' is no time such as 2026-01-01T00:00:00Z, and not the word host");
    }
  }
}
