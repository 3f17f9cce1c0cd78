package dev.monoceros.qcow.io;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The C library's positional reads and writes of several pieces of memory, for which a {@code
 * FileChannel} has no counterpart. Linked when first needed.
 */
final class VectorTransfers {
  private static final MethodHandle PREADV = link("preadv");
  private static final MethodHandle PWRITEV = link("pwritev");

  private VectorTransfers() {}

  private static MethodHandle link(String name) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow(name),
        FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT, JAVA_LONG));
  }

  /** Bytes read, 0 at the end of the file, negative if the call failed. */
  static long read(int descriptor, MemorySegment entries, int count, long position) {
    return call(PREADV, descriptor, entries, count, position);
  }

  /** Bytes written, negative if the call failed. */
  static long write(int descriptor, MemorySegment entries, int count, long position) {
    return call(PWRITEV, descriptor, entries, count, position);
  }

  private static long call(
      MethodHandle function, int descriptor, MemorySegment entries, int count, long position) {
    try {
      return (long) function.invokeExact(descriptor, entries, count, position);
    } catch (RuntimeException | Error failure) {
      throw failure;
    } catch (Throwable failure) {
      throw new IllegalStateException(failure);
    }
  }
}
