/**
 * Whole disks with what people run: a Debian system installed from packages, and a small one that
 * is only unpacked. Start at {@link dev.monoceros.images.distro.DebianImage} and {@link
 * dev.monoceros.images.distro.ToolsImage}; {@link dev.monoceros.images.distro.ImageStore} keeps
 * what was built under a digest of everything that went into it.
 */
package dev.monoceros.images.distro;
