package dev.monoceros.qcow.cache;

import dev.monoceros.qcow.io.BlockEvent;

/**
 * What the file is told of accesses to tables.
 *
 * @param load before one is read
 * @param update before a part of one is written
 */
public record TableEvents(BlockEvent load, BlockEvent update) {
  /** Of tables whose kind does not matter. */
  public static final TableEvents NONE = new TableEvents(BlockEvent.NONE, BlockEvent.NONE);

  public static final TableEvents L2 = new TableEvents(BlockEvent.L2_LOAD, BlockEvent.L2_UPDATE);

  /** Of refcount blocks. */
  public static final TableEvents REFCOUNTS =
      new TableEvents(BlockEvent.REFBLOCK_LOAD, BlockEvent.REFBLOCK_UPDATE_PART);
}
