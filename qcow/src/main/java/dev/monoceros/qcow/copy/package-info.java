/**
 * Moves whole disks between images: convert, compare, commit, rebase, and the size a copy would
 * take. No format is known here; everything goes through {@link dev.monoceros.qcow.DiskImage}.
 *
 * <p>Lengths count in sectors of 512 bytes, as QEMU's do: a raw image that ends within a sector is
 * read as if zeros filled it up.
 */
package dev.monoceros.qcow.copy;
