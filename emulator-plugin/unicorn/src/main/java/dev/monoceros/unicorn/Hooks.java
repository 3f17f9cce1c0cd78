package dev.monoceros.unicorn;

/**
 * What an {@link Engine} asks its owner while the guest runs. All are called on the thread that is
 * inside {@link Engine#run}. An exception thrown by one of them ends the run: {@code run} throws
 * it.
 */
public final class Hooks {
  /** Kinds of access passed to {@link TlbFill}. */
  public enum Access {
    READ,
    WRITE,
    FETCH
  }

  /** Result of {@link TlbFill}: no translation, the instruction faults. */
  public static final long FAULT = -1;

  /** Permission bits in the low bits of a {@link TlbFill} result. */
  public static final int READ = 1;

  public static final int WRITE = 2;
  public static final int EXEC = 4;

  private Hooks() {}

  /** Translates a page on a miss of the engine's software TLB. */
  @FunctionalInterface
  public interface TlbFill {
    /**
     * Translates one page.
     *
     * @param page virtual address of the page
     * @param access what the guest does
     * @return the physical page address with the permission bits in its low bits, or {@link #FAULT}
     */
    long fill(long page, Access access);
  }

  /** Called with the vector of an exception or software interrupt; RIP is exact. */
  @FunctionalInterface
  public interface Interrupt {
    void raised(int vector);
  }

  /** Called at the start of a block of guest code. */
  @FunctionalInterface
  public interface Block {
    /**
     * A block is about to run.
     *
     * @param address its first virtual address
     * @param size its length in bytes
     */
    void enter(long address, int size);
  }

  /** IN and OUT, sizes 1, 2 and 4 bytes. */
  public interface Ports {
    int in(int port, int size);

    void out(int port, int size, int value);
  }

  /** Accesses to a region mapped with {@link Engine#mapMmio}; offsets count from its base. */
  public interface Mmio {
    long read(long offset, int size);

    void write(long offset, int size, long value);
  }
}
