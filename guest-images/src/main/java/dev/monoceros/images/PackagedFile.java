package dev.monoceros.images;

import java.nio.file.Path;

/**
 * A file of an unpacked package.
 *
 * @param path where it lies in the cache
 * @param from the package it came in
 */
public record PackagedFile(Path path, PackageInfo from) {}
