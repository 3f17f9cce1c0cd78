/**
 * Which Linux a disk would boot, without running its boot loader: {@link
 * dev.monoceros.images.bootdisk.BootDisk} looks for a GRUB configuration, for entries of the Boot
 * Loader Specification, for the links that Debian keeps, and for kernels by version.
 */
package dev.monoceros.images.bootdisk;
