package dev.monoceros.cli.tool;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.RoundingMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

final class DecimalsTest {
  /** The bits of the largest finite number. */
  private static final long LARGEST = 0x7fef_ffff_ffff_ffffL;

  @Example
  void figuresOfC() {
    assertThat(Decimals.general(0, 3)).isEqualTo("0");
    assertThat(Decimals.general(0.9765625, 3)).isEqualTo("0.977");
    assertThat(Decimals.general(999.6, 3)).isEqualTo("1e+03");
    assertThat(Decimals.general(0.0000123456, 3)).isEqualTo("1.23e-05");
    assertThat(Decimals.general(2.5, 1)).isEqualTo("2");
    assertThat(Decimals.general(100, 3)).isEqualTo("100");
    assertThat(Decimals.general(Double.MIN_VALUE, 6)).isEqualTo("4.94066e-324");
    assertThat(Decimals.general(Double.MAX_VALUE, 6)).isEqualTo("1.79769e+308");
    assertThat(Decimals.fixed(0.125, 2)).isEqualTo("0.12");
    assertThat(Decimals.fixed(12.3456, 0)).isEqualTo("12");
  }

  @Property
  void fixedIsTheExactValueRounded(
      @ForAll @DoubleRange(max = 1e20) double value, @ForAll @IntRange(max = 8) int decimals) {
    assertThat(Decimals.fixed(value, decimals))
        .isEqualTo(
            new BigDecimal(value).setScale(decimals, RoundingMode.HALF_EVEN).toPlainString());
  }

  @Property
  void generalIsTheExactValueRounded(
      @ForAll @LongRange(min = 1, max = LARGEST) long bits,
      @ForAll @IntRange(min = 1, max = 9) int digits) {
    double value = Double.longBitsToDouble(bits);
    BigDecimal rounded =
        new BigDecimal(value).round(new java.math.MathContext(digits, RoundingMode.HALF_EVEN));

    assertThat(new BigDecimal(Decimals.general(value, digits))).isEqualByComparingTo(rounded);
  }
}
