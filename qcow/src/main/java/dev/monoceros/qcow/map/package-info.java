/**
 * Where guest bytes live: L1 and L2 tables, refcounts, and the allocator. Metadata is read and
 * written here, data is not.
 *
 * <p>What keeps a cut harmless:
 *
 * <ul>
 *   <li>The refcount cache may be written at any moment: it holds increments, which at worst leak,
 *       and only such decrements whose pointer is already gone from the disk ({@link
 *       dev.monoceros.qcow.map.PendingFrees} holds back the others).
 *   <li>L2 tables go to disk after the refcounts, the data and a flush; data in an external file
 *       after a flush of that file.
 *   <li>An L1 entry is written after its L2 table, the refcounts and a flush.
 *   <li>A refcount block is on disk and flushed before the refcount table points at it.
 *   <li>Bytes that are copied or zeroed for a subcluster are on disk before its bit in the L2 entry,
 *       which is one of 16 bytes within a sector and so changes at once.
 * </ul>
 */
package dev.monoceros.qcow.map;
