/**
 * A directory of the host as a guest's root file system: what is in it ({@link
 * dev.monoceros.images.root.DirectoryScan}), a fingerprint of that, an ext4 image, and the store of
 * such images ({@link dev.monoceros.images.root.RootImages}).
 */
package dev.monoceros.images.root;
