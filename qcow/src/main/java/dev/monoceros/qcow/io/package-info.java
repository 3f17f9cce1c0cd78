/**
 * Files under images: {@link dev.monoceros.qcow.io.ImageFile} is the seam, {@link
 * dev.monoceros.qcow.io.HostFile} the real one with its locks, and {@link
 * dev.monoceros.qcow.io.OrderedFile} adds the barriers that crash safety is built on.
 */
package dev.monoceros.qcow.io;
