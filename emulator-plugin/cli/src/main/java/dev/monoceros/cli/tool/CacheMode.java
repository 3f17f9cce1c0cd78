package dev.monoceros.cli.tool;

import java.util.Optional;

/**
 * What {@code -t} and {@code -T} choose. The host's page cache is always used: O_DIRECT changes
 * speed and nothing else.
 *
 * @param writeThrough every write is flushed before it is done
 * @param direct QEMU would open with O_DIRECT
 * @param noFlush flushes are not passed on to the host
 */
public record CacheMode(boolean writeThrough, boolean direct, boolean noFlush) {
  /** Default of most commands. */
  public static final CacheMode WRITEBACK = new CacheMode(false, false, false);

  /** Default of the target of convert. */
  public static final CacheMode UNSAFE = new CacheMode(false, false, true);

  /**
   * The mode of that name.
   *
   * @throws ToolExit if there is none, which has been said
   */
  public static CacheMode require(Tool tool, String name) {
    return of(name).orElseThrow(() -> tool.failure("Invalid cache option: " + name));
  }

  /** The same for an image that is only read from. */
  public static void requireSource(Tool tool, String name) {
    if (of(name).isEmpty()) {
      throw tool.failure("Invalid source cache option: " + name);
    }
  }

  /** The mode of that name; empty if there is none. */
  public static Optional<CacheMode> of(String name) {
    return switch (name) {
      case "off", "none" -> Optional.of(new CacheMode(false, true, false));
      case "directsync" -> Optional.of(new CacheMode(true, true, false));
      case "writeback" -> Optional.of(WRITEBACK);
      case "writethrough" -> Optional.of(new CacheMode(true, false, false));
      case "unsafe" -> Optional.of(UNSAFE);
      default -> Optional.empty();
    };
  }
}
