package dev.monoceros.machine.chipset;

import dev.monoceros.machine.time.Frequency;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/**
 * The counting half of the MC146818: the 32,768 Hz divider chain, its periodic tap, and the seconds
 * that come out of it. Times in ns of virtual time.
 */
final class RtcCounter {
  static final int[] TIME_REGISTERS = {
    RtcCalendar.SECONDS,
    RtcCalendar.MINUTES,
    RtcCalendar.HOURS,
    RtcCalendar.DAY_OF_WEEK,
    RtcCalendar.DAY_OF_MONTH,
    RtcCalendar.MONTH,
    RtcCalendar.YEAR
  };

  static final long NEVER = Long.MAX_VALUE;

  /** Register A, DV: the divider runs from a 32,768 Hz crystal. */
  private static final int DIVIDER_NORMAL = 2;

  /**
   * DV 110 and 111 hold the divider in reset; other values select other crystals, which this board
   * has not got.
   */
  private static final int DIVIDER_RESET = 6;

  private static final Frequency CRYSTAL = new Frequency(32_768);
  private static final int DEFAULT_RATE = 6;
  private static final long SECOND = Frequency.NANOS_PER_SECOND;

  /**
   * UIP goes up this long before an update; "the update cycle begins 244 us later". The update
   * itself takes no time here.
   */
  private static final long UPDATE_WARNING = 244_000;

  /** "The first update cycle begins one-half second after the reset is removed." */
  private static final long AFTER_RESET = SECOND / 2;

  private int divider = DIVIDER_NORMAL;
  private int rate = DEFAULT_RATE;

  /** At this ns a second began, and the clock showed {@link #originSecond}. */
  private long origin;

  private long originSecond;
  private int weekdayShift;

  RtcCounter(Instant epoch, long now) {
    originSecond = epoch.getEpochSecond();
    origin = now - epoch.getNano();
  }

  int divider() {
    return divider;
  }

  int rate() {
    return rate;
  }

  boolean isRunning() {
    return divider < DIVIDER_RESET;
  }

  void program(int newDivider, int newRate, long now) {
    boolean wasRunning = isRunning();
    long second = second(now);
    divider = newDivider;
    rate = newRate;
    if (isRunning() != wasRunning) {
      originSecond = second;
      origin = isRunning() ? now - (SECOND - AFTER_RESET) : now;
    }
  }

  /**
   * Sets the time without disturbing the divider: the next second comes when it would have come.
   */
  void setTime(long epochSecond, int dayOfWeek, long now) {
    origin = isRunning() ? now - Math.floorMod(now - origin, SECOND) : origin;
    originSecond = epochSecond;
    weekdayShift = 0;
    weekdayShift = Math.floorMod(dayOfWeek - dayOfWeek(now), 7);
  }

  /** Seconds since 1970. */
  long second(long now) {
    return isRunning() ? originSecond + Math.floorDiv(now - origin, SECOND) : originSecond;
  }

  LocalDateTime dateTime(long now) {
    return LocalDateTime.ofEpochSecond(second(now), 0, ZoneOffset.UTC);
  }

  /** 1 to 7, Sunday is 1. */
  int dayOfWeek(long now) {
    int sundayFirst = dateTime(now).getDayOfWeek().getValue() % 7;
    return (sundayFirst + weekdayShift) % 7 + 1;
  }

  boolean updateIsNear(long now) {
    return isRunning() && Math.floorMod(now - origin, SECOND) >= SECOND - UPDATE_WARNING;
  }

  /** When the first second after {@code after} begins. */
  long nextSecond(long after) {
    return isRunning() ? origin + (Math.floorDiv(after - origin, SECOND) + 1) * SECOND : NEVER;
  }

  long nextAlarm(RtcAlarm alarm, long after) {
    long second = isRunning() ? alarm.next(second(after)) : RtcAlarm.NEVER;
    return second == RtcAlarm.NEVER ? NEVER : origin + (second - originSecond) * SECOND;
  }

  /** The first edge of the periodic tap after {@code after}: register A, RS, table 5. */
  long nextPeriod(long after) {
    if (!isRunning() || rate == 0) {
      return NEVER;
    }
    // Rates 1 and 2 repeat 8 and 9 with a 32,768 Hz crystal.
    int shift = rate <= 2 ? rate + 6 : rate - 1;
    long period = 1L << shift;
    long ticks = CRYSTAL.ticksAt(after - origin);
    return origin + CRYSTAL.nanosAt((Math.floorDiv(ticks, period) + 1) * period);
  }
}
