package dev.monoceros.machine.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class FrequencyTest {
  private static final BigInteger NANOS = BigInteger.valueOf(1_000_000_000L);

  @Property
  void ticksAreTheFloorOfTheExactProduct(
      @ForAll @LongRange(min = 0) long nanos,
      @ForAll @LongRange(min = 1, max = 1_000_000_000L) long hertz) {
    BigInteger exact = BigInteger.valueOf(nanos).multiply(BigInteger.valueOf(hertz)).divide(NANOS);
    assertThat(BigInteger.valueOf(new Frequency(hertz).ticksAt(nanos))).isEqualTo(exact);
  }

  @Property
  void nanosAtIsTheFirstNanosecondOfItsTick(
      @ForAll @LongRange(min = 1, max = 1L << 50) long ticks,
      @ForAll @LongRange(min = 1, max = 1_000_000_000L) long hertz) {
    Frequency frequency = new Frequency(hertz);
    long nanos = frequency.nanosAt(ticks);
    if (nanos != Long.MAX_VALUE) {
      assertThat(frequency.ticksAt(nanos)).isEqualTo(ticks);
      assertThat(frequency.ticksAt(nanos - 1)).isEqualTo(ticks - 1);
    }
  }

  @Test
  void aTickBeyondTheClockIsNever() {
    assertThat(new Frequency(1).nanosAt(Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void zeroHertzIsRefused() {
    assertThatThrownBy(() -> new Frequency(0)).isInstanceOf(IllegalArgumentException.class);
  }
}
