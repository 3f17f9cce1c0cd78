package dev.monoceros.machine.block;

import java.util.List;

/**
 * The faults that a disk is to have. The same plan makes the same faults for the same operations.
 *
 * @param seed decides what is left to chance
 * @param rules each is asked for each operation
 */
public record FaultPlan(long seed, List<FaultRule> rules) {
  /** No faults. */
  public static final FaultPlan NONE = new FaultPlan(0, List.of());

  private static final double UNIT = 0x1p-53;
  private static final int FRACTION_BITS = 53;

  /** Copies the rules. */
  public FaultPlan {
    rules = List.copyOf(rules);
  }

  /**
   * A number from 0 to 1, 1 excluded, that is chance to everybody who does not know the seed.
   *
   * @param rule which rule asks
   * @param number for which of the operations that it counts
   * @param purpose what for: numbers for several purposes have nothing to do with each other
   */
  double chance(int rule, long number, int purpose) {
    long mixed = mix(mix(mix(seed) ^ ((long) rule << Integer.SIZE | purpose)) ^ number);
    return (mixed >>> Long.SIZE - FRACTION_BITS) * UNIT;
  }

  /** A step of SplitMix64. */
  private static long mix(long value) {
    long state = value + 0x9e37_79b9_7f4a_7c15L;
    long mixed = (state ^ state >>> 30) * 0xbf58_476d_1ce4_e5b9L;
    mixed = (mixed ^ mixed >>> 27) * 0x94d0_49bb_1331_11ebL;
    return mixed ^ mixed >>> 31;
  }
}
