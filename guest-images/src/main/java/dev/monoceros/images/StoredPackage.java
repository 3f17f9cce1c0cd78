package dev.monoceros.images;

import java.nio.file.Path;

/**
 * A package as it was fetched.
 *
 * @param info what the signed package index says of it
 * @param deb the .deb in the cache
 */
public record StoredPackage(PackageInfo info, Path deb) {}
