package dev.monoceros.images;

import java.nio.file.Path;
import java.util.List;

/**
 * Something the cache was once asked for.
 *
 * @param key what was asked: selection, suite, architecture and package names joined by underscores
 * @param main the package it is about
 * @param packages all its packages, dependencies first
 * @param tree where they are unpacked
 * @param packageBytes size of the .deb files
 * @param unpackedBytes size of the unpacked files; 0 when the tree has been deleted
 */
public record CachedRequest(
    String key,
    PackageInfo main,
    List<PackageInfo> packages,
    Path tree,
    long packageBytes,
    long unpackedBytes) {}
