package dev.monoceros.images;

import java.nio.file.Path;

/**
 * An unpacked Debian kernel.
 *
 * @param release what {@code uname -r} prints in the guest
 * @param vmlinuz the bzImage
 * @param modules the directory {@code lib/modules/RELEASE}; Debian ships it without modules.dep
 * @param from the package it came in
 */
public record Kernel(String release, Path vmlinuz, Path modules, PackageInfo from) {}
