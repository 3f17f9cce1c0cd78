/**
 * Checks and repairs the metadata of a QCOW2 image, as {@code qemu-img check} does: every reference
 * in the image is counted and compared with the refcounts that are stored. Needs nothing of an open
 * image but its file, so that it works where nothing else can be opened. Findings, their order and
 * their words are QEMU's (version 7.2).
 *
 * <p>What keeps a cut in the middle of a repair harmless:
 *
 * <ul>
 *   <li>A refcount goes down only where no reference was found; it may be written at any moment.
 *   <li>Rebuilt refcount blocks and their table go to clusters that nothing points at, and are
 *       flushed before the header, in one sector, switches over to them.
 *   <li>"Copied" flags are mended after the refcounts they speak of have been flushed.
 *   <li>The dirty and corrupt bits are cleared last, after a flush.
 * </ul>
 */
package dev.monoceros.qcow.check;
