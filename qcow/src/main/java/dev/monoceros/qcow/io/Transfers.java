package dev.monoceros.qcow.io;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The C library's positional read. A {@code FileChannel} asks the same of the kernel, but does what
 * makes it interruptible first, which no disk wants: 70 of 570 ns for a small read.
 *
 * <p>Apart from {@link HostCalls}: linking costs milliseconds, which only a process that reads many
 * tables should pay.
 */
final class Transfers {
  private static final MethodHandle PREAD = link();

  private Transfers() {}

  private static MethodHandle link() {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow("pread"),
        FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG));
  }

  /**
   * Reads into memory outside the heap, which cannot be freed meanwhile.
   *
   * @return bytes read, 0 at the end of the file, negative if the call failed
   */
  static long read(int descriptor, MemorySegment target, long position) {
    try {
      return (long) PREAD.invokeExact(descriptor, target, target.byteSize(), position);
    } catch (RuntimeException | Error failure) {
      throw failure;
    } catch (Throwable failure) {
      throw new IllegalStateException(failure);
    }
  }
}
