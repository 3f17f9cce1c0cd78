package dev.monoceros.machine.chipset;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/**
 * The arithmetic of {@link PitChannel} against a counter that is clocked pulse by pulse, as the
 * data sheet tells it.
 */
class PitModelTest {
  /** The data sheet's counting element for modes 0, 2, 3 and 4, gate high, binary. */
  private static final class Clocked {
    private final int mode;
    private boolean out;
    private int count;
    private int register;
    private boolean loadNext;
    private boolean counting;
    private boolean done;

    Clocked(int mode) {
      this.mode = mode;
      this.out = mode != 0;
    }

    void write(int value) {
      register = value;
      if (!counting || mode == 0 || mode == 4) {
        loadNext = true;
        if (mode == 0) {
          out = false;
        }
      }
    }

    void pulse() {
      if (loadNext) {
        loadNext = false;
        counting = true;
        done = false;
        out = mode != 0;
        load();
        return;
      }
      if (!counting) {
        return;
      }
      switch (mode) {
        case 0 -> {
          count = (count - 1) & 0xffff;
          out |= count == 0;
        }
        case 2 -> {
          if (count == 1) {
            load();
            out = true;
          } else {
            count--;
            out = count != 1;
          }
        }
        case 3 -> squareWave();
        case 4 -> {
          count = (count - 1) & 0xffff;
          out = count != 0 || done;
          done |= count == 0;
        }
        default -> throw new IllegalArgumentException();
      }
    }

    /**
     * Even: reload at the end of each half. Odd: the count starts one lower, and the high half
     * lasts one pulse more.
     */
    private void squareWave() {
      if (count == 0) {
        // Only an odd count's high half reaches zero.
        out = false;
        load();
      } else if (count == 2 && (!out || (loaded & 1) == 0)) {
        out = !out;
        load();
      } else {
        count -= 2;
      }
    }

    private int loaded;

    private void load() {
      loaded = register;
      count = mode == 3 ? register & ~1 : register;
    }
  }

  @Property(tries = 500)
  void outAndCountAgreeWithAClockedCounterAtEveryPulse(
      @ForAll @IntRange(min = 0, max = 3) int modeIndex,
      @ForAll @Size(min = 1, max = 6) List<@IntRange(min = 2, max = 40) Integer> counts,
      @ForAll @IntRange(min = 1, max = 97) int gap) {
    int mode = new int[] {0, 2, 3, 4}[modeIndex];
    PitChannel channel = new PitChannel(true);
    channel.writeControl(0x10 | mode << 1);
    Clocked model = new Clocked(mode);
    long pulse = 0;
    for (int count : counts) {
      channel.writeCount(count, pulse);
      model.write(count);
      boolean before = channel.out(pulse);
      long rise = channel.nextRise(pulse);
      for (int i = 0; i < gap; i++) {
        pulse++;
        model.pulse();
        assertThat(channel.out(pulse))
            .as("OUT of mode %d at pulse %d", mode, pulse)
            .isEqualTo(model.out);
        channel.latchCount(pulse);
        assertThat(channel.read(pulse))
            .as("count of mode %d at pulse %d", mode, pulse)
            .isEqualTo(model.count & 0xff);
        assertThat(!before && model.out)
            .as("rise at pulse %d, foretold for %d", pulse, rise)
            .isEqualTo(pulse == rise);
        before = model.out;
        if (pulse == rise) {
          rise = channel.nextRise(pulse);
        }
      }
    }
  }
}
