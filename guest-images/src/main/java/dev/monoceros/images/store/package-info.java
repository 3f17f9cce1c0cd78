/**
 * The cache's directories: packages by content, unpacked trees, and the index of what was resolved.
 * Everything appears by an atomic rename, so readers need no lock; writers hold {@link
 * dev.monoceros.images.store.CacheLock}.
 */
package dev.monoceros.images.store;
