package dev.monoceros.unicorn;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Arrays;
import java.util.Collections;

/**
 * Calls of C functions and from them. Every distinct signature costs the JVM some milliseconds when
 * it starts, so there are few: all arguments and results are 64 bits wide. In the calling
 * conventions of 64-bit Linux (System V x86-64, AAPCS64) a callee looks at no more of a register
 * than its parameter's width and at no more registers than it has parameters, also where the
 * parameters are variadic. A result of 32 bits is the lower half; the upper one means nothing.
 *
 * <p>The handles are static and take the address as their first argument, so that they are
 * constants to the JIT compiler.
 */
final class NativeCalls {
  private static final int IN_REGISTERS = 6;
  private static final int WITH_STACK = 8;
  private static final int UPCALL_ARGUMENTS = 5;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle CALL = LINKER.downcallHandle(longs(IN_REGISTERS));
  private static final MethodHandle CALL_WITH_STACK = LINKER.downcallHandle(longs(WITH_STACK));
  // Neither blocks nor calls back, so the thread's transition can be left out.
  private static final MethodHandle LEAF =
      LINKER.downcallHandle(longs(3), Linker.Option.critical(false));

  /** What a method must look like to be called from C. */
  static final MethodType UPCALL = longs(UPCALL_ARGUMENTS).toMethodType();

  private NativeCalls() {}

  /** Links both directions, which takes a while, so that later calls need not wait for it. */
  static void link() {
    try (Arena arena = Arena.ofConfined()) {
      MethodHandle nothing = MethodHandles.zero(long.class);
      upcall(MethodHandles.dropArguments(nothing, 0, UPCALL.parameterList()), arena);
    }
  }

  private static FunctionDescriptor longs(int arguments) {
    return FunctionDescriptor.of(
        JAVA_LONG, Collections.nCopies(arguments, JAVA_LONG).toArray(MemoryLayout[]::new));
  }

  static long call(MemorySegment function, long a) {
    return call(function, a, 0, 0, 0, 0, 0);
  }

  static long call(MemorySegment function, long a, long b) {
    return call(function, a, b, 0, 0, 0, 0);
  }

  static long call(MemorySegment function, long a, long b, long c) {
    return call(function, a, b, c, 0, 0, 0);
  }

  static long call(MemorySegment function, long a, long b, long c, long d) {
    return call(function, a, b, c, d, 0, 0);
  }

  static long call(MemorySegment function, long a, long b, long c, long d, long e) {
    return call(function, a, b, c, d, e, 0);
  }

  static long call(MemorySegment function, long a, long b, long c, long d, long e, long f) {
    try {
      return (long) CALL.invokeExact(function, a, b, c, d, e, f);
    } catch (Throwable t) {
      throw HostMemory.rethrow(t);
    }
  }

  /** For functions of seven or eight parameters. */
  static long callWithStack(MemorySegment function, long... arguments) {
    long[] a = Arrays.copyOf(arguments, WITH_STACK);
    try {
      return (long)
          CALL_WITH_STACK.invokeExact(function, a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]);
    } catch (Throwable t) {
      throw HostMemory.rethrow(t);
    }
  }

  /** For functions that neither block nor call back. */
  static long callLeaf(MemorySegment function, long a, long b, long c) {
    try {
      return (long) LEAF.invokeExact(function, a, b, c);
    } catch (Throwable t) {
      throw HostMemory.rethrow(t);
    }
  }

  /**
   * Code that calls {@code target} from C, for as long as {@code arena} lives. Callers may have
   * fewer arguments than {@link #UPCALL}; the rest is not to be looked at.
   */
  static MemorySegment upcall(MethodHandle target, Arena arena) {
    return LINKER.upcallStub(target, longs(UPCALL_ARGUMENTS), arena);
  }
}
