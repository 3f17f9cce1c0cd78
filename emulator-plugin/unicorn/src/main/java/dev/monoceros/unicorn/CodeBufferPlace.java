package dev.monoceros.unicorn;

import static dev.monoceros.unicorn.HostCode.bytes;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/**
 * Where the engine's buffer for translated code should lie: within 2 GiB of libunicorn and of our
 * stubs. Translated code calls helpers, and our stub at every block, by a direct call then; further
 * away it loads their address from behind the block, which misses the data cache at each block of a
 * large program. The kernel would put a buffer of 1 GiB below everything that is mapped already.
 *
 * <p>The gap above the libraries, where only the stack follows, far away, is large enough on every
 * host that lays out addresses as usual; on others nothing changes. The place is a wish: when it is
 * taken, by another machine's buffer, the kernel chooses as before.
 */
final class CodeBufferPlace {
  /** The engine's own size for it. */
  private static final long SIZE = 1L << 30;

  /** Room for libraries and pages that are mapped above the present ones meanwhile. */
  private static final long SLACK = 64L << 20;

  private static final long ALIGNMENT = 2L << 20;
  private static final long REACH = Integer.MAX_VALUE;

  /** Of the buffer, what must be in reach: few guests fill more. */
  private static final long MOST_USED = 512L << 20;

  private CodeBufferPlace() {}

  /** A free address for it, or nothing. */
  static OptionalLong find(HostMaps maps, Path library) {
    List<HostMaps.Range> code = maps.codeOf(library);
    if (code.isEmpty()) {
      return OptionalLong.empty();
    }
    long text = code.getFirst().begin();
    return maps.gaps(SIZE + 2 * SLACK).stream()
        .mapToLong(gap -> Math.ceilDiv(gap.begin() + SLACK, ALIGNMENT) * ALIGNMENT)
        .filter(at -> at > text && at + MOST_USED - text < REACH)
        .findFirst();
  }

  /** {@code mmap} that wishes for {@code place} where a buffer of that size is asked for. */
  static byte[] map(long place, long target) {
    ByteBuffer code = HostCode.buffer(48);
    code.put(bytes(0x48, 0x85, 0xff)); // test rdi, rdi
    code.put(bytes(0x75, 0x13)); // jne go: a place is wished for already
    code.put(bytes(0x48, 0x81, 0xfe)).putInt((int) SIZE); // cmp rsi, SIZE
    code.put(bytes(0x75, 0x0a)); // jne go
    code.put(bytes(0x48, 0xbf)).putLong(place); // mov rdi, place
    return HostCode.jump(code, target).array(); // go: jmp target
  }
}
