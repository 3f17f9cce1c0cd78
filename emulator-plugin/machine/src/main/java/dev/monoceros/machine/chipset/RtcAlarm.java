package dev.monoceros.machine.chipset;

/**
 * When the alarm of the clock fires: at every second of the day that agrees with each of three
 * fields.
 *
 * @param hour 0 to 23, or {@link #ANY}; other values never agree
 * @param minute 0 to 59, or {@link #ANY}
 * @param second 0 to 59, or {@link #ANY}
 */
record RtcAlarm(int hour, int minute, int second) {
  /** A "don't care" code: both top bits of the register set. */
  static final int ANY = -1;

  /** What {@link #next} gives if the alarm can never fire. */
  static final long NEVER = Long.MAX_VALUE;

  private static final int DONT_CARE = 0xc0;
  private static final int SECONDS_PER_DAY = 86_400;

  /** Reads the three alarm registers. */
  static RtcAlarm of(RtcCalendar calendar, int hour, int minute, int second) {
    return new RtcAlarm(
        isAny(hour) ? ANY : calendar.decodeHour(hour),
        isAny(minute) ? ANY : calendar.decode(minute),
        isAny(second) ? ANY : calendar.decode(second));
  }

  private static boolean isAny(int register) {
    return (register & DONT_CARE) == DONT_CARE;
  }

  /** The first second after {@code epochSecond} at which the alarm fires, or {@link #NEVER}. */
  long next(long epochSecond) {
    if (hour >= 24 || minute >= 60 || second >= 60) {
      return NEVER;
    }
    long from = epochSecond + 1;
    int ofDay = Math.floorMod(from, SECONDS_PER_DAY);
    int today = nextInDay(ofDay);
    return from - ofDay + (today >= 0 ? today : SECONDS_PER_DAY + nextInDay(0));
  }

  /** The first second of the day that agrees and is at least {@code from}, or -1. */
  private int nextInDay(int from) {
    int h = from / 3600;
    int m = from / 60 % 60;
    int s = from % 60;
    for (; h < 24; h++, m = 0, s = 0) {
      if (hour != ANY && hour != h) {
        continue;
      }
      for (; m < 60; m++, s = 0) {
        if (minute != ANY && minute != m) {
          continue;
        }
        if (second == ANY) {
          return (h * 60 + m) * 60 + s;
        }
        if (second >= s) {
          return (h * 60 + m) * 60 + second;
        }
      }
    }
    return -1;
  }
}
