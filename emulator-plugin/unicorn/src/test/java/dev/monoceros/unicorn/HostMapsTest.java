package dev.monoceros.unicorn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class HostMapsTest {
  private static final HostMaps MAPS =
      new HostMaps(
          List.of(
              new HostMaps.Range(0x10000, 0x20000, "r-xp", ""),
              new HostMaps.Range(0x40000, 0x50000, "rw-p", ""),
              new HostMaps.Range(0x51000, 0x60000, "r-xp", "")));

  @Test
  void theGapBelowAnAddressIsTheClosestOneThatIsLargeEnough() {
    assertThat(MAPS.gapBelow(0x51000, 0x1000)).isEqualTo(0x50000);
    assertThat(MAPS.gapBelow(0x58000, 0x2000)).isEqualTo(0x3e000);
    assertThat(MAPS.gapBelow(0x50fff, 0x1000)).isEqualTo(0x3f000);
  }

  @Test
  void whereNoGapIsLargeEnoughThereIsNone() {
    assertThat(MAPS.gapBelow(0x58000, 0x21000)).isZero();
    assertThat(MAPS.gapBelow(0x18000, 0x1000)).as("nothing below the first mapping").isZero();
  }
}
