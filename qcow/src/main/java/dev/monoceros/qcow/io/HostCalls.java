package dev.monoceros.qcow.io;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * The C library's file calls for which Java has no API. Linux on 64 bits only, whose calling
 * conventions let all of them share one shape: up to five register-wide arguments, a register-wide
 * result, errno. One shape costs a process that only looks at an image a third of what five would.
 */
final class HostCalls {
  private static final String ERRNO = "errno";
  private static final int MAX_ERROR_TEXT = 256;
  private static final Path OPEN_FILES = Path.of("/proc/self/fd");
  private static final Optional<HostCalls> LINKED = link();

  private final MethodHandle call;
  private final StructLayout stateLayout;
  private final int errnoOffset;
  private final SymbolLookup library;

  private HostCalls(Linker linker) {
    stateLayout = Linker.Option.captureStateLayout();
    errnoOffset = offsetOfErrno(stateLayout);
    library = linker.defaultLookup();
    call =
        linker.downcallHandle(
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
            Linker.Option.captureCallState(ERRNO));
  }

  /** Its members are ints. A path of layouts, and their handles, would take 5 ms to load. */
  private static int offsetOfErrno(StructLayout state) {
    int offset = 0;
    for (MemoryLayout member : state.memberLayouts()) {
      if (member.name().equals(Optional.of(ERRNO))) {
        return offset;
      }
      offset += (int) member.byteSize();
    }
    throw new IllegalStateException("no " + ERRNO + " in " + state);
  }

  /** A structure of the C library's, for access to its fields in the host's byte order. */
  static ByteBuffer fields(MemorySegment structure) {
    return structure.asByteBuffer().order(ByteOrder.nativeOrder());
  }

  /**
   * Empty on another system, or where the module was not given native access: then nothing is
   * called, because each first call would print a warning.
   */
  static Optional<HostCalls> find() {
    return LINKED;
  }

  private static Optional<HostCalls> link() {
    boolean linux = System.getProperty("os.name", "").toLowerCase(Locale.ROOT).equals("linux");
    boolean wide = ValueLayout.ADDRESS.byteSize() == Long.BYTES;
    if (!linux
        || !wide
        || !HostCalls.class.getModule().isNativeAccessEnabled()
        || !Files.isDirectory(OPEN_FILES)) {
      return Optional.empty();
    }
    return Optional.of(new HostCalls(Linker.nativeLinker()));
  }

  /** The name under which this process can open its descriptor {@code fd} once more. */
  static Path pathOf(int fd) {
    return OPEN_FILES.resolve(String.valueOf(fd));
  }

  /**
   * What a call returned, and errno, which means something only if the call failed.
   *
   * @param value all 64 bits of the register; of a function that returns an int the low ones count
   */
  record Result(long value, int errno) {
    /** Whether a function that returns an int returned anything but 0. */
    boolean nonZero() {
      return (int) value != 0;
    }
  }

  /** One function of the library. */
  MemorySegment function(String name) {
    return library
        .find(name)
        .orElseThrow(() -> new IllegalStateException("no " + name + " in the C library"));
  }

  /** Calls {@code function}; arguments that it does not take are ignored by it. */
  Result call(MemorySegment function, long a, long b, long c, long d, long e) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(stateLayout);
      long value = (long) call.invokeExact(function, state, a, b, c, d, e);
      return new Result(value, fields(state).getInt(errnoOffset));
    } catch (RuntimeException | Error failure) {
      throw failure;
    } catch (Throwable failure) {
      throw new IllegalStateException(failure);
    }
  }

  /** A call without effect, so that the next one finds everything loaded. */
  void callNothing() {
    call(function("getpid"), 0, 0, 0, 0, 0);
  }

  /** What the C library says about {@code errno}, in the words the JDK's exceptions have too. */
  IOException failure(int errno) {
    Result text = call(function("strerror"), errno, 0, 0, 0, 0);
    MemorySegment bytes = MemorySegment.ofAddress(text.value()).reinterpret(MAX_ERROR_TEXT);
    return new IOException(bytes.getString(0, StandardCharsets.UTF_8));
  }
}
