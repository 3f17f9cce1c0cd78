/** Persistent bitmaps, section "Bitmaps": the directory, the bits, and tracking of writes. */
package dev.monoceros.qcow.bitmap;
