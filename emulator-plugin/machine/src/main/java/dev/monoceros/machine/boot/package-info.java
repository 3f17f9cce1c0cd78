/**
 * Loading a Linux kernel without firmware or boot loader, by the 64-bit boot protocol (Linux,
 * Documentation/arch/x86/boot.rst): what a boot loader and the kernel's own decompressor would do
 * is done here.
 *
 * <p>Start at {@link dev.monoceros.machine.boot.LinuxBoot}.
 */
package dev.monoceros.machine.boot;
