package dev.monoceros.unicorn;

import java.lang.foreign.Arena;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.function.LongBinaryOperator;

/**
 * Makes native callbacks out of {@link Hooks}. A Throwable that left an upcall would end the JVM,
 * so each is parked, the run is abandoned, and {@link #rethrowParked} throws it afterwards.
 *
 * <p>The methods called from C have the arguments of libunicorn's callback types, widened to 64
 * bits, and as many more, not to be looked at, as make {@link NativeCalls#UPCALL}.
 */
final class Upcalls {
  static final int HOOK_INTR = 1;
  static final int HOOK_INSN = 2;
  static final int HOOK_BLOCK = 8;
  static final int HOOK_INSN_INVALID = 1 << 14;
  static final int HOOK_TLB_FILL = 1 << 17;

  static final int INSN_CPUID = 113;
  static final int INSN_IN = 218;
  static final int INSN_OUT = 500;
  static final int INSN_RDTSC = 608;
  static final int INSN_SYSCALL = 699;
  static final int INSN_SYSENTER = 700;

  private static final int MEM_READ = 16;
  private static final int MEM_WRITE = 17;
  private static final long TRUE = 1;
  private static final long FALSE = 0;

  /** For callers that look at no result. */
  private static final long NOTHING = 0;

  private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();

  private final Engine engine;
  private final Arena arena;
  private Throwable parked;

  Upcalls(Engine engine, Arena arena) {
    this.engine = engine;
    this.arena = arena;
  }

  void rethrowParked() {
    if (parked != null) {
      Throwable thrown = parked;
      parked = null;
      throw HostMemory.rethrow(thrown);
    }
  }

  private void park(Throwable thrown) {
    if (parked == null) {
      parked = thrown;
    }
    engine.abandonRun();
  }

  private long stub(Object target, String method) {
    try {
      MethodHandle handle = LOOKUP.bind(target, method, NativeCalls.UPCALL);
      return NativeCalls.upcall(handle, arena).address();
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(method, e);
    }
  }

  long tlbFill(Hooks.TlbFill handler) {
    return stub(new TlbFill(handler), "call");
  }

  long interrupt(Hooks.Interrupt handler) {
    return stub(new Interrupt(handler), "call");
  }

  long block(Hooks.Block handler) {
    return stub(new Block(handler), "call");
  }

  long newBlock(LongBinaryOperator handler) {
    return stub(new NewBlock(handler), "call");
  }

  /** For instructions, also those that the handler carries out in the engine's stead. */
  long instruction(Runnable handler) {
    return stub(new Plain(handler), "call");
  }

  long portIn(Hooks.Ports handler) {
    return stub(new Ports(handler), "in");
  }

  long portOut(Hooks.Ports handler) {
    return stub(new Ports(handler), "out");
  }

  long mmioRead(Hooks.Mmio handler) {
    return stub(new Mmio(handler), "read");
  }

  long mmioWrite(Hooks.Mmio handler) {
    return stub(new Mmio(handler), "write");
  }

  private final class TlbFill {
    private static final long RESULT_PERMS = 8;
    private final Hooks.TlbFill handler;

    TlbFill(Hooks.TlbFill handler) {
      this.handler = handler;
    }

    long call(long uc, long page, long type, long result, long userData) {
      try {
        Hooks.Access access =
            switch ((int) type) {
              case MEM_READ -> Hooks.Access.READ;
              case MEM_WRITE -> Hooks.Access.WRITE;
              default -> Hooks.Access.FETCH;
            };
        long filled = handler.fill(page, access);
        if (filled == Hooks.FAULT) {
          return FALSE;
        }
        HostMemory.putLong(result, filled & ~0xfffL);
        HostMemory.putInt(result + RESULT_PERMS, (int) filled & 7);
        return TRUE;
      } catch (Throwable t) {
        park(t);
        return FALSE;
      }
    }
  }

  private final class Interrupt {
    private final Hooks.Interrupt handler;

    Interrupt(Hooks.Interrupt handler) {
      this.handler = handler;
    }

    long call(long uc, long vector, long userData, long d, long e) {
      try {
        handler.raised((int) vector);
      } catch (Throwable t) {
        park(t);
      }
      return NOTHING;
    }
  }

  private final class Block {
    private final Hooks.Block handler;

    Block(Hooks.Block handler) {
      this.handler = handler;
    }

    long call(long uc, long address, long size, long userData, long e) {
      try {
        handler.enter(address, (int) size);
      } catch (Throwable t) {
        park(t);
      }
      return NOTHING;
    }
  }

  private final class NewBlock {
    private final LongBinaryOperator handler;

    NewBlock(LongBinaryOperator handler) {
      this.handler = handler;
    }

    long call(long block, long length, long c, long d, long e) {
      try {
        return handler.applyAsLong(block, length);
      } catch (Throwable t) {
        park(t);
        return 0;
      }
    }
  }

  private final class Plain {
    private final Runnable handler;

    Plain(Runnable handler) {
      this.handler = handler;
    }

    /** The result says that the instruction was carried out, where the engine asks for one. */
    long call(long uc, long userData, long c, long d, long e) {
      try {
        handler.run();
      } catch (Throwable t) {
        park(t);
      }
      return TRUE;
    }
  }

  private final class Ports {
    private final Hooks.Ports handler;

    Ports(Hooks.Ports handler) {
      this.handler = handler;
    }

    long in(long uc, long port, long size, long userData, long e) {
      try {
        return handler.in((int) port, (int) size);
      } catch (Throwable t) {
        park(t);
        return 0;
      }
    }

    long out(long uc, long port, long size, long value, long userData) {
      try {
        handler.out((int) port, (int) size, (int) value);
      } catch (Throwable t) {
        park(t);
      }
      return NOTHING;
    }
  }

  private final class Mmio {
    private final Hooks.Mmio handler;

    Mmio(Hooks.Mmio handler) {
      this.handler = handler;
    }

    long read(long uc, long offset, long size, long userData, long e) {
      try {
        return handler.read(offset, (int) size);
      } catch (Throwable t) {
        park(t);
        return 0;
      }
    }

    long write(long uc, long offset, long size, long value, long userData) {
      try {
        handler.write(offset, (int) size, value);
      } catch (Throwable t) {
        park(t);
      }
      return NOTHING;
    }
  }
}
