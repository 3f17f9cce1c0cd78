/**
 * The QCOW2 format as data: pure functions over big-endian bytes, no file access. Section names in
 * this package are those of QEMU's {@code docs/interop/qcow2.txt} (version 7.2).
 */
package dev.monoceros.qcow.format;
