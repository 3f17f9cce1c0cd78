package dev.monoceros.machine.chipset;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

/**
 * The arithmetic of {@link HpetTimer} against a comparator that is clocked tick by tick, as
 * sections 2.3.9.2.1 and 2.3.9.2.2 tell it: equal is a match, and then the period is added.
 */
class HpetModelTest {
  private static final long LOW_32 = 0xffff_ffffL;

  private static final class Clocked {
    private final boolean periodic;
    private final long width;
    private final long period;
    private long comparator;

    Clocked(boolean periodic, long width, long comparator, long period) {
      this.periodic = periodic;
      this.width = width;
      this.comparator = comparator & width;
      this.period = period & width;
    }

    boolean tick(long counter) {
      boolean match = (counter & width) == comparator;
      if (match && periodic) {
        comparator = comparator + period & width;
      }
      return match;
    }
  }

  @Property
  void matchesComeAtTheTicksAtWhichAClockedComparatorHasThem(
      @ForAll boolean periodic,
      @ForAll boolean mode32,
      @ForAll @LongRange(min = -300, max = 300) long start,
      @ForAll @IntRange(min = -20, max = 200) int distance,
      @ForAll @IntRange(min = 1, max = 60) int period,
      @ForAll @Size(min = 1, max = 30) List<@IntRange(min = 1, max = 90) Integer> looks) {
    long width = mode32 ? LOW_32 : -1;
    HpetTimer timer = new HpetTimer(0);
    long config = (periodic ? HpetTimer.PERIODIC : 0) | (mode32 ? HpetTimer.MODE_32 : 0);
    timer.writeConfig(config | HpetTimer.VALUE_SET, -1);
    timer.writeComparator(start + distance, -1, start);
    timer.writeComparator(periodic ? period : start + distance, -1, start);
    Clocked model = new Clocked(periodic, width, start + distance, period);
    boolean expected = model.tick(start);
    assertThat(timer.matchUpTo(start)).isEqualTo(expected);
    long counter = start;
    for (int look : looks) {
      long announced = timer.ticksToMatch();
      boolean any = false;
      for (int i = 1; i <= look; i++) {
        boolean match = model.tick(counter + i);
        if (match && !any) {
          assertThat(announced).isEqualTo(i);
        }
        any |= match;
      }
      counter += look;
      assertThat(timer.matchUpTo(counter)).isEqualTo(any);
      assertThat(timer.comparator()).isEqualTo(model.comparator);
    }
  }
}
