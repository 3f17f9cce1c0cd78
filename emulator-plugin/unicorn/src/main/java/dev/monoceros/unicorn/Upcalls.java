package dev.monoceros.unicorn;

import static java.lang.invoke.MethodType.methodType;

import java.lang.foreign.Arena;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * Makes native callbacks out of {@link Hooks}. A Throwable that left an upcall would end the JVM,
 * so each is parked, the run is abandoned, and {@link #rethrowParked} throws it afterwards.
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

  private long stub(Object target, String method, MethodType type) {
    try {
      MethodHandle handle = LOOKUP.bind(target, method, type);
      return UnicornFunctions.upcall(handle, arena).address();
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(method, e);
    }
  }

  long tlbFill(Hooks.TlbFill handler) {
    return stub(
        new TlbFill(handler),
        "call",
        methodType(boolean.class, long.class, long.class, int.class, long.class, long.class));
  }

  long interrupt(Hooks.Interrupt handler) {
    return stub(
        new Interrupt(handler), "call", methodType(void.class, long.class, int.class, long.class));
  }

  long block(Hooks.Block handler) {
    return stub(
        new Block(handler),
        "call",
        methodType(void.class, long.class, long.class, int.class, long.class));
  }

  long invalidInstruction(Runnable handler) {
    return stub(new Plain(handler), "handled", methodType(boolean.class, long.class, long.class));
  }

  long plain(Runnable handler) {
    return stub(new Plain(handler), "call", methodType(void.class, long.class, long.class));
  }

  /** For instructions that the handler carries out in the engine's stead. */
  long replacing(Runnable handler) {
    return stub(new Plain(handler), "replaced", methodType(int.class, long.class, long.class));
  }

  long portIn(Hooks.Ports handler) {
    return stub(
        new Ports(handler),
        "in",
        methodType(int.class, long.class, int.class, int.class, long.class));
  }

  long portOut(Hooks.Ports handler) {
    return stub(
        new Ports(handler),
        "out",
        methodType(void.class, long.class, int.class, int.class, int.class, long.class));
  }

  long mmioRead(Hooks.Mmio handler) {
    return stub(
        new Mmio(handler),
        "read",
        methodType(long.class, long.class, long.class, int.class, long.class));
  }

  long mmioWrite(Hooks.Mmio handler) {
    return stub(
        new Mmio(handler),
        "write",
        methodType(void.class, long.class, long.class, int.class, long.class, long.class));
  }

  private final class TlbFill {
    private static final long RESULT_PERMS = 8;
    private final Hooks.TlbFill handler;

    TlbFill(Hooks.TlbFill handler) {
      this.handler = handler;
    }

    boolean call(long uc, long page, int type, long result, long userData) {
      try {
        Hooks.Access access =
            switch (type) {
              case MEM_READ -> Hooks.Access.READ;
              case MEM_WRITE -> Hooks.Access.WRITE;
              default -> Hooks.Access.FETCH;
            };
        long filled = handler.fill(page, access);
        if (filled == Hooks.FAULT) {
          return false;
        }
        HostMemory.putLong(result, filled & ~0xfffL);
        HostMemory.putInt(result + RESULT_PERMS, (int) filled & 7);
        return true;
      } catch (Throwable t) {
        park(t);
        return false;
      }
    }
  }

  private final class Interrupt {
    private final Hooks.Interrupt handler;

    Interrupt(Hooks.Interrupt handler) {
      this.handler = handler;
    }

    void call(long uc, int vector, long userData) {
      try {
        handler.raised(vector);
      } catch (Throwable t) {
        park(t);
      }
    }
  }

  private final class Block {
    private final Hooks.Block handler;

    Block(Hooks.Block handler) {
      this.handler = handler;
    }

    void call(long uc, long address, int size, long userData) {
      try {
        handler.enter(address, size);
      } catch (Throwable t) {
        park(t);
      }
    }
  }

  private final class Plain {
    private final Runnable handler;

    Plain(Runnable handler) {
      this.handler = handler;
    }

    void call(long uc, long userData) {
      try {
        handler.run();
      } catch (Throwable t) {
        park(t);
      }
    }

    boolean handled(long uc, long userData) {
      call(uc, userData);
      return true;
    }

    int replaced(long uc, long userData) {
      call(uc, userData);
      return 1;
    }
  }

  private final class Ports {
    private final Hooks.Ports handler;

    Ports(Hooks.Ports handler) {
      this.handler = handler;
    }

    int in(long uc, int port, int size, long userData) {
      try {
        return handler.in(port, size);
      } catch (Throwable t) {
        park(t);
        return 0;
      }
    }

    void out(long uc, int port, int size, int value, long userData) {
      try {
        handler.out(port, size, value);
      } catch (Throwable t) {
        park(t);
      }
    }
  }

  private final class Mmio {
    private final Hooks.Mmio handler;

    Mmio(Hooks.Mmio handler) {
      this.handler = handler;
    }

    long read(long uc, long offset, int size, long userData) {
      try {
        return handler.read(offset, size);
      } catch (Throwable t) {
        park(t);
        return 0;
      }
    }

    void write(long uc, long offset, int size, long value, long userData) {
      try {
        handler.write(offset, size, value);
      } catch (Throwable t) {
        park(t);
      }
    }
  }
}
