package dev.monoceros.unicorn;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One loaded libunicorn. Loaded once, never unloaded; engines of several libraries may live in one
 * JVM.
 */
public final class UnicornLibrary {
  /** System property naming a libunicorn file; it goes before everything else. */
  public static final String PROPERTY = "monoceros.unicorn";

  /** Environment variable naming a libunicorn file. */
  public static final String ENVIRONMENT = "MONOCEROS_UNICORN";

  private static final int OLDEST = version(2, 1, 1);
  private static final int DETERMINISTIC = version(2, 1, 4);

  private static final List<String> SYSTEM_NAMES =
      List.of(
          "/usr/lib/x86_64-linux-gnu/libunicorn.so.2",
          "/usr/lib/aarch64-linux-gnu/libunicorn.so.2",
          "/usr/lib64/libunicorn.so.2",
          "/usr/lib/libunicorn.so.2",
          "/usr/local/lib/libunicorn.so.2");

  private static final Map<Path, UnicornLibrary> LOADED = new HashMap<>();

  private final Path file;
  private final int version;
  final UnicornFunctions functions;
  private StateLayout layout;
  private LibraryTuning.Result tuning;

  private UnicornLibrary(Path file, UnicornFunctions functions, int version) {
    this.file = file;
    this.functions = functions;
    this.version = version;
  }

  /**
   * Starts, in a thread of its own, what every library needs and what does not depend on which it
   * is, some tens of milliseconds at the start of a process. Calling it is never necessary.
   */
  public static void prepare() {
    // A failure is told to whoever needs the calls.
    Thread.ofPlatform()
        .daemon()
        .name("unicorn-prepare")
        .uncaughtExceptionHandler((thread, failure) -> {})
        .start(NativeCalls::link);
  }

  /**
   * Loads one file and checks its version and its private structures.
   *
   * @param file a libunicorn shared object
   * @throws UnicornException if it cannot be loaded, is older than 2.1.1, or a probe of its private
   *     structures fails
   */
  public static UnicornLibrary load(Path file) {
    if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
      throw new UnicornException("Monoceros needs a little-endian host");
    }
    if (!Files.isReadable(file)) {
      throw new UnicornException("There is no readable libunicorn at " + file);
    }
    Path real;
    try {
      real = file.toRealPath();
    } catch (IOException e) {
      throw new UnicornException("There is no readable libunicorn at " + file, e);
    }
    // A loaded library is part of the process, and its tables may be adjusted only once.
    synchronized (LOADED) {
      UnicornLibrary loaded = LOADED.get(real);
      if (loaded == null) {
        loaded = loadFirst(file);
        LOADED.put(real, loaded);
      }
      return loaded;
    }
  }

  private static UnicornLibrary loadFirst(Path file) {
    SymbolLookup symbols;
    try {
      symbols = SymbolLookup.libraryLookup(file, Arena.global());
    } catch (IllegalArgumentException e) {
      throw new UnicornException(
          file + " cannot be loaded as a shared library on this host: " + e.getMessage(), e);
    }
    UnicornFunctions functions = UnicornFunctions.bind(symbols, file);
    UnicornLibrary library = new UnicornLibrary(file, functions, functions.version() >>> 8);
    if (library.version < OLDEST) {
      throw new UnicornException(
          file + " is libunicorn " + library.versionText() + ", but 2.1.1 or newer is needed");
    }
    library.layout = StateProbe.probe(library);
    library.tuning = LibraryTuning.apply(symbols, file, library.layout);
    return library;
  }

  /**
   * Looks in the usual order: the system property {@value #PROPERTY}, the environment variable
   * {@value #ENVIRONMENT}, {@code cached}, the system's library folders. What the user named is
   * taken or refused; among the rest the first that loads and passes its probes is taken.
   *
   * @param cached files of the project's cache, best first
   * @throws UnicornException if none will do, naming each and why
   */
  public static UnicornLibrary find(List<Path> cached) {
    String named = System.getProperty(PROPERTY, System.getenv(ENVIRONMENT));
    if (named != null && !named.isEmpty()) {
      return load(Path.of(named));
    }
    StringBuilder refused = new StringBuilder();
    for (Path candidate : candidates(cached)) {
      if (Files.isReadable(candidate)) {
        try {
          return load(candidate);
        } catch (UnicornException e) {
          refused.append("; ").append(e.getMessage());
        }
      }
    }
    throw new UnicornException(
        "No usable libunicorn 2.1.1 or newer was found (name one with -D"
            + PROPERTY
            + "=FILE or "
            + ENVIRONMENT
            + ")"
            + refused);
  }

  private static List<Path> candidates(List<Path> cached) {
    List<Path> all = new java.util.ArrayList<>(cached);
    SYSTEM_NAMES.forEach(name -> all.add(Path.of(name)));
    return all;
  }

  /** The file this library was loaded from. */
  public Path file() {
    return file;
  }

  /** For example {@code 2.1.4}. */
  public String versionText() {
    return (version >>> 16) + "." + (version >>> 8 & 0xff) + "." + (version & 0xff);
  }

  /**
   * Whether runs repeat to the bit: from 2.1.4 on RDTSC can be hooked (before, the guest sees the
   * host's counter), and the engine's own use of the host's clock could be cut off.
   */
  public boolean deterministic() {
    return version >= DETERMINISTIC && tuning.clockStopped();
  }

  /** Whether RDTSC can be taken over: 2.1.4 and later. */
  public boolean timestampsHookable() {
    return version >= DETERMINISTIC;
  }

  /** Address of the exit check when translated code does not call it by itself, or 0. */
  long exitCheck() {
    return tuning.exitCheck();
  }

  /** Where it can raise an exception in a port hook, in which 2.1.4 has RIP exact; or 0. */
  long raiseInPortHook() {
    return version >= DETERMINISTIC ? tuning.raise() : 0;
  }

  /** Gives the engine whose {@code CPUState} is there a second cache of blocks; ends it again. */
  Runnable cacheBlocks(long cpu) {
    return tuning.jumpCache().map(cache -> cache.claim(cpu)).orElse(() -> {});
  }

  boolean hasJumpCache() {
    return tuning.jumpCache().isPresent();
  }

  /** The stub for the block hook that translated code need not call, or 0. */
  long inlinedStub() {
    return tuning.inlineBudget().map(InlineBudget::stub).orElse(0L);
  }

  /** What speeds string instructions up, where blocks are counted inline. */
  Optional<StringRuns> strings() {
    return tuning.inlineBudget().map(InlineBudget::strings);
  }

  StateLayout layout() {
    return layout;
  }

  /** The library's own text for an error code ({@code uc_strerror}). */
  String errorText(int error) {
    MemorySegment text = MemorySegment.ofAddress(functions.strerror(error));
    return text.address() == 0 ? "error " + error : text.reinterpret(256).getString(0);
  }

  private static int version(int major, int minor, int patch) {
    return major << 16 | minor << 8 | patch;
  }
}
