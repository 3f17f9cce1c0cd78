package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.io.BlockEvent;
import java.util.EnumSet;
import java.util.Set;

/** What {@code blkdebug} does when an event happens. */
sealed interface BlkdebugRule {
  /** What an error may be injected into. */
  enum IoType {
    READ,
    WRITE,
    WRITE_ZEROES,
    DISCARD,
    FLUSH,
    BLOCK_STATUS;

    /** Those that meet an error if the rule does not say. */
    static Set<IoType> usual() {
      return EnumSet.complementOf(EnumSet.of(BLOCK_STATUS));
    }
  }

  BlockEvent event();

  /** The state in which the rule holds; 0 for any. */
  long state();

  /**
   * Accesses fail from the event on.
   *
   * @param offset of the byte that an access must touch to fail; -1 for any
   * @param once the rule is gone after the first failure
   */
  record InjectError(
      BlockEvent event, long state, Set<IoType> types, int errno, long offset, boolean once)
      implements BlkdebugRule {

    boolean hits(IoType type, long position, long length) {
      return types.contains(type)
          && (offset < 0 || (offset >= position && offset - position < length));
    }
  }

  /** The event changes the state. */
  record SetState(BlockEvent event, long state, long newState) implements BlkdebugRule {}
}
