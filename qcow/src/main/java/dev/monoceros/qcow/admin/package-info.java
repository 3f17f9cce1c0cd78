/**
 * Changes of an image as a whole: header, snapshots, bitmaps, size, options.
 *
 * <p>All of them go one way, {@link dev.monoceros.qcow.admin.ImageRewrite}: what changes is written
 * to free clusters, new refcounts for the whole image among it, and then one sector, the first of
 * the header, makes all of it valid at once. It holds the places of the L1 table, the refcount
 * table and the snapshot table, the size and the feature bits. A cut before that write leaves the
 * image as it was, a cut after it the changed one; neither leaks a cluster.
 */
package dev.monoceros.qcow.admin;
