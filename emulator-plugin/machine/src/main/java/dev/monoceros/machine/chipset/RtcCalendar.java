package dev.monoceros.machine.chipset;

import java.time.LocalDateTime;
import java.time.ZoneOffset;

/**
 * How the clock's registers show a time: BCD or binary, 12 or 24 hours (Motorola MC146818, table
 * 3). Pure functions between register bytes and seconds since 1970, UTC.
 *
 * @param binary register B, DM
 * @param hours24 register B, 24/12
 */
record RtcCalendar(boolean binary, boolean hours24) {
  static final int SECONDS = 0x00;
  static final int MINUTES = 0x02;
  static final int HOURS = 0x04;
  static final int DAY_OF_WEEK = 0x06;
  static final int DAY_OF_MONTH = 0x07;
  static final int MONTH = 0x08;
  static final int YEAR = 0x09;

  private static final int PM = 0x80;

  /** The byte that register {@code index} shows. */
  int show(int index, LocalDateTime time, int dayOfWeek) {
    return switch (index) {
      case SECONDS -> encode(time.getSecond());
      case MINUTES -> encode(time.getMinute());
      case HOURS -> encodeHour(time.getHour());
      case DAY_OF_WEEK -> encode(dayOfWeek);
      case DAY_OF_MONTH -> encode(time.getDayOfMonth());
      case MONTH -> encode(time.getMonthValue());
      case YEAR -> encode(Math.floorMod(time.getYear(), 100));
      default -> throw new IllegalArgumentException("register " + index + " shows no time");
    };
  }

  int showCentury(LocalDateTime time) {
    return encode(Math.floorMod(Math.floorDiv(time.getYear(), 100), 100));
  }

  /**
   * The time that register bytes mean. Bytes out of range carry over, as 31 November does into
   * December: whatever a guest writes is some time.
   *
   * @param registers the bytes of registers 0 to 9
   * @param century the century byte
   */
  long epochSecond(int[] registers, int century) {
    return LocalDateTime.of(decode(century) * 100 + decode(registers[YEAR]), 1, 1, 0, 0)
        .plusMonths(decode(registers[MONTH]) - 1L)
        .plusDays(decode(registers[DAY_OF_MONTH]) - 1L)
        .plusHours(decodeHour(registers[HOURS]))
        .plusMinutes(decode(registers[MINUTES]))
        .plusSeconds(decode(registers[SECONDS]))
        .toEpochSecond(ZoneOffset.UTC);
  }

  int encode(int value) {
    return binary ? value : ((value / 10) << 4) | (value % 10);
  }

  int decode(int register) {
    return binary ? register : (register >>> 4) * 10 + (register & 0xf);
  }

  int decodeHour(int register) {
    if (hours24) {
      return decode(register);
    }
    int hour = decode(register & ~PM) % 12;
    return (register & PM) != 0 ? hour + 12 : hour;
  }

  private int encodeHour(int hour) {
    if (hours24) {
      return encode(hour);
    }
    int shown = encode(hour % 12 == 0 ? 12 : hour % 12);
    return hour < 12 ? shown : shown | PM;
  }
}
