/**
 * Disk images: {@link dev.monoceros.qcow.DiskImage} opens, creates, reads and writes QCOW2
 * (versions 2 and 3) and raw images. The format is that of QEMU's {@code docs/interop/qcow2.txt}.
 */
package dev.monoceros.qcow;
