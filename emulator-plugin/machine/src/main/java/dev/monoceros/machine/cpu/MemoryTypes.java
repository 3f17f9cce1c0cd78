package dev.monoceros.machine.cpu;

import dev.monoceros.unicorn.Engine;

/**
 * The memory type range registers (SDM volume 3, 11.11) as firmware leaves them: all memory is
 * write-back, but for the legacy video memory and the devices below 4 GiB. No cache is modelled;
 * Linux reads them, and warns where they are off.
 */
final class MemoryTypes {
  private static final int FIX_64K_00000 = 0x250;
  private static final int FIX_16K_80000 = 0x258;
  private static final int FIX_16K_A0000 = 0x259;
  private static final int FIX_4K_C0000 = 0x268;
  private static final int FIX_4K_F8000 = 0x26f;
  private static final int PHYSBASE0 = 0x200;
  private static final int PHYSMASK0 = 0x201;
  private static final int DEF_TYPE = 0x2ff;

  private static final long WRITE_BACK = 6;
  private static final long WRITE_BACK_8 = 0x0606_0606_0606_0606L;
  private static final long UNCACHEABLE = 0;
  private static final long ENABLED = 1 << 11;
  private static final long FIXED_ENABLED = 1 << 10;
  private static final long VALID = 1 << 11;
  private static final long FOUR_GIB = 1L << 32;

  private MemoryTypes() {}

  static void set(Engine engine) {
    engine.msr(FIX_64K_00000, WRITE_BACK_8);
    engine.msr(FIX_16K_80000, WRITE_BACK_8);
    engine.msr(FIX_16K_A0000, UNCACHEABLE);
    for (int msr = FIX_4K_C0000; msr <= FIX_4K_F8000; msr++) {
      engine.msr(msr, WRITE_BACK_8);
    }
    long size = FOUR_GIB - PhysicalRam.HOLE;
    long address = (1L << CpuidTable.PHYSICAL_ADDRESS_BITS) - 1;
    engine.msr(PHYSBASE0, PhysicalRam.HOLE | UNCACHEABLE);
    engine.msr(PHYSMASK0, address & -size | VALID);
    engine.msr(DEF_TYPE, ENABLED | FIXED_ENABLED | WRITE_BACK);
  }
}
