package dev.monoceros.machine.cpu;

/**
 * CPUID leaf 4, deterministic cache parameters (SDM volume 2, CPUID): those of Nehalem. Programs
 * size their working sets by them; nothing here behaves like a cache.
 */
final class CacheLeaf {
  private enum Type {
    NONE,
    DATA,
    INSTRUCTION,
    UNIFIED
  }

  private record Cache(Type type, int level, int ways, int sets) {}

  private static final Cache[] CACHES = {
    new Cache(Type.DATA, 1, 8, 64), // 32 KiB
    new Cache(Type.INSTRUCTION, 1, 4, 128), // 32 KiB
    new Cache(Type.UNIFIED, 2, 8, 512), // 256 KiB
    new Cache(Type.UNIFIED, 3, 16, 8192), // 8 MiB
  };

  private static final int LEVEL_SHIFT = 5;
  private static final int SELF_INITIALIZING = 1 << 8;
  private static final int LINE_BYTES = 64;
  private static final int WAYS_SHIFT = 22;

  private CacheLeaf() {}

  /** The answer for a value of ECX; type 0 behind the last cache. */
  static CpuidTable.Leaf answer(int index) {
    if (index < 0 || index >= CACHES.length) {
      return CpuidTable.Leaf.ZERO;
    }
    Cache cache = CACHES[index];
    int eax = cache.type().ordinal() | cache.level() << LEVEL_SHIFT | SELF_INITIALIZING;
    int ebx = LINE_BYTES - 1 | cache.ways() - 1 << WAYS_SHIFT;
    return new CpuidTable.Leaf(eax, ebx, cache.sets() - 1, 0);
  }
}
