/**
 * Root file systems and partitioned disks, the same bytes for the same inputs: {@link
 * dev.monoceros.images.disk.Ext4Builder} makes a file system of a tree, {@link
 * dev.monoceros.images.disk.PartitionedDisk} lays file systems out on a disk (UEFI specification
 * 2.10, chapter 5), {@link dev.monoceros.images.disk.DiskTarget} is where it is written.
 */
package dev.monoceros.images.disk;
