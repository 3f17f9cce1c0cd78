package dev.monoceros.machine.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** CPUID leaf 4: sizes of Nehalem's caches, computed as the SDM says. */
class CacheLeafTest {
  @ParameterizedTest
  @CsvSource({"0, 1, 1, 32", "1, 2, 1, 32", "2, 3, 2, 256", "3, 3, 3, 8192"})
  void sizeIsWaysTimesPartitionsTimesLineTimesSets(int index, int type, int level, int kib) {
    CpuidTable.Leaf leaf = new CpuidTable(true, false).answer(4, index);
    assertThat(leaf.eax() & 0x1f).isEqualTo(type);
    assertThat(leaf.eax() >> 5 & 7).isEqualTo(level);
    int ways = (leaf.ebx() >>> 22) + 1;
    int partitions = (leaf.ebx() >> 12 & 0x3ff) + 1;
    int line = (leaf.ebx() & 0xfff) + 1;
    assertThat(ways * partitions * line * (leaf.ecx() + 1)).isEqualTo(kib << 10);
  }

  @ParameterizedTest
  @CsvSource({"4", "5", "-1"})
  void noCacheBehindTheLast(int index) {
    assertThat(new CpuidTable(true, false).answer(4, index).eax() & 0x1f).isZero();
  }
}
