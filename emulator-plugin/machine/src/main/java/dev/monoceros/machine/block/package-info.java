/**
 * The only place where virtio meets disk images: the virtio-blk plug-in and the disks behind it.
 */
package dev.monoceros.machine.block;
