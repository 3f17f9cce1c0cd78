/**
 * A file tree as data: what goes into an initramfs or a root file system, with owners and modes
 * that need no root to set.
 */
package dev.monoceros.images.tree;
