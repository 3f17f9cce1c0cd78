/**
 * Initial RAM file systems: {@link dev.monoceros.images.initramfs.CpioWriter} writes any tree,
 * {@link dev.monoceros.images.initramfs.KernelModules} picks drivers with what they depend on, and
 * {@link dev.monoceros.images.initramfs.Initramfs} has the ready-made ones.
 */
package dev.monoceros.images.initramfs;
