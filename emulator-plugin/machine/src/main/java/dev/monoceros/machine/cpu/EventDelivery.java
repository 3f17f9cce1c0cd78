package dev.monoceros.machine.cpu;

import dev.monoceros.unicorn.CpuState;
import dev.monoceros.unicorn.Engine;
import dev.monoceros.unicorn.X86Register;

/**
 * Entry into a handler through the IDT in IA-32e mode (SDM 6.14): gate and privilege checks, stack
 * switch by privilege change or IST, the frame, double and triple fault. The engine delivers
 * nothing by itself.
 */
final class EventDelivery {
  /** Where an event comes from. */
  enum Source {
    /** An exception: faults point at the instruction, gate privilege is not checked. */
    EXCEPTION,
    /** INT n, INT3, INTO: RIP is past the instruction, gate privilege is checked. */
    SOFTWARE,
    /** An interrupt controller. */
    EXTERNAL
  }

  private static final long FLAG_TF = 1 << 8;
  private static final long FLAG_IF = 1 << 9;
  private static final long FLAG_NT = 1 << 14;
  private static final long FLAG_RF = 1 << 16;
  private static final long FLAG_VM = 1 << 17;

  private static final int GATE_INTERRUPT = 0xe;
  private static final int GATE_TRAP = 0xf;
  private static final long EFER_LMA = 1 << 10;

  private final Engine engine;
  private final CpuState state;
  private final Mmu mmu;
  private final Descriptors descriptors;
  private final CpuCounters counters;

  EventDelivery(Engine engine, Mmu mmu, CpuCounters counters) {
    this.engine = engine;
    this.state = engine.state();
    this.mmu = mmu;
    this.descriptors = new Descriptors(state, mmu);
    this.counters = counters;
  }

  /**
   * Delivers an event; a fault on the way is delivered in its stead, as the double-fault rules say.
   *
   * @return false if that ended in a triple fault: the CPU is shut down
   */
  boolean deliver(int vector, int errorCode, Source source) {
    int current = vector;
    int error = errorCode;
    Source from = source;
    if (state.dataStep()) {
      state.endDataStep(); // the instruction has not been done; it meets the breakpoint again
    }
    while (true) {
      try {
        if (current == Vectors.PF && from == Source.EXCEPTION) {
          counters.pageFaults++;
        }
        enter(current, error, from);
        count(from);
        return true;
      } catch (CpuFault fault) {
        if (current == Vectors.DF && from == Source.EXCEPTION) {
          return false;
        }
        if (fault.vector() == Vectors.PF) {
          state.control(2, fault.address());
        }
        boolean exception = from == Source.EXCEPTION;
        if (exception && Vectors.makesDoubleFault(current, fault.vector())) {
          current = Vectors.DF;
          error = 0;
        } else {
          if (from == Source.SOFTWARE) {
            rewindSoftwareInterrupt(current);
          }
          int ext = from == Source.SOFTWARE || fault.vector() == Vectors.PF ? 0 : Vectors.EXT;
          current = fault.vector();
          error = fault.errorCode() | ext;
        }
        from = Source.EXCEPTION;
      }
    }
  }

  private void count(Source from) {
    if (from == Source.EXTERNAL) {
      counters.interrupts++;
    } else {
      counters.exceptions++;
    }
  }

  /** A fault of INT n itself points at the instruction, not past it. */
  private void rewindSoftwareInterrupt(int vector) {
    int length = vector == Vectors.BP && mmu.peekCode(state.rip() - 1) == 0xcc ? 1 : 2;
    state.rip(state.rip() - length);
  }

  private void enter(int vector, int errorCode, Source source) {
    if ((state.efer() & EFER_LMA) == 0) {
      throw new UnsupportedOperationException(
          "an event in legacy mode: the guest is not in long mode, where alone Monoceros has events");
    }
    long offset = vector * 16L;
    int idtError = vector * 8 | Vectors.IDT;
    if (offset + 15 > state.segmentLimit(CpuState.IDTR)) {
      throw CpuFault.of(Vectors.GP, idtError);
    }
    long gate = state.segmentBase(CpuState.IDTR) + offset;
    long low = mmu.readLong(gate);
    long high = mmu.readLong(gate + 8);
    int type = (int) (low >>> 40) & 0x1f;
    int cpl = state.cpl();
    if (type != GATE_INTERRUPT && type != GATE_TRAP) {
      throw CpuFault.of(Vectors.GP, idtError);
    }
    int gatePrivilege = (int) (low >>> 45) & 3;
    if (source == Source.SOFTWARE && gatePrivilege < cpl) {
      throw CpuFault.of(Vectors.GP, idtError);
    }
    if ((low >>> 47 & 1) == 0) {
      throw CpuFault.of(Vectors.NP, idtError);
    }
    int selector = (int) (low >>> 16) & 0xffff;
    int ist = (int) (low >>> 32) & 7;
    long target = low & 0xffff | low >>> 32 & 0xffff_0000L | high << 32;
    long code = descriptors.handlerCode(selector, cpl);
    boolean conforming = Descriptors.conforming(code);
    int newCpl = conforming ? cpl : Descriptors.privilege(code);
    pushFrame(vector, errorCode, source, ist, newCpl, cpl);
    loadCode(selector, code, newCpl, cpl);
    clearFlags(type);
    state.rip(target);
  }

  private void pushFrame(
      int vector, int errorCode, Source source, int ist, int newCpl, int oldCpl) {
    long oldRsp = state.general(CpuState.RSP);
    long stack = oldRsp;
    if (ist != 0) {
      stack = descriptors.taskStack(4 * 8 + 4 + 8L * (ist - 1));
    } else if (newCpl < oldCpl) {
      stack = descriptors.taskStack(4 + 8L * newCpl);
    }
    stack &= ~0xfL;
    long flags = engine.register(X86Register.EFLAGS);
    boolean fault = source == Source.EXCEPTION && vector != Vectors.DB && vector != Vectors.DF;
    if (fault) {
      flags |= FLAG_RF; // SDM 17.3.1.1: the image of RFLAGS pushed by a fault has RF set
    }
    stack = push(stack, state.selector(CpuState.SS));
    stack = push(stack, oldRsp);
    stack = push(stack, flags);
    stack = push(stack, state.selector(CpuState.CS));
    stack = push(stack, state.rip());
    if (source == Source.EXCEPTION && Vectors.hasErrorCode(vector)) {
      stack = push(stack, errorCode & 0xffff_ffffL);
    }
    state.general(CpuState.RSP, stack);
  }

  private long push(long stack, long value) {
    long to = stack - 8;
    if (to << 16 >> 16 != to) {
      throw CpuFault.of(Vectors.SS, 0);
    }
    mmu.writeLong(to, value);
    return to;
  }

  private void loadCode(int selector, long code, int newCpl, int oldCpl) {
    int hidden = state.hidden();
    hidden &= ~(CpuState.HIDDEN_CPL | CpuState.HIDDEN_ADDSEG | CpuState.HIDDEN_INHIBIT_IRQ);
    // The translator keeps code apart by these flags. SS.B means nothing to 64-bit code, and is
    // read
    // again whenever a segment is loaded: set as after SYSCALL, all of a kernel is translated once.
    hidden |= newCpl | CpuState.HIDDEN_CS64 | CpuState.HIDDEN_CS32 | CpuState.HIDDEN_SS32;
    if (newCpl < oldCpl) {
      // SDM 6.14.4: the new SS is the null selector with the new privilege
      state.segment(CpuState.SS, newCpl, 0, 0, newCpl << Descriptors.DPL_SHIFT);
    }
    state.segment(
        CpuState.CS,
        selector & ~3 | newCpl,
        Descriptors.base(code),
        Descriptors.limit(code),
        (int) (code >>> 32));
    state.hidden(hidden);
  }

  private void clearFlags(int type) {
    long cleared = FLAG_TF | FLAG_NT | FLAG_RF | FLAG_VM;
    if (type == GATE_INTERRUPT) {
      cleared |= FLAG_IF;
    }
    state.systemFlags(state.systemFlags() & ~cleared);
  }
}
