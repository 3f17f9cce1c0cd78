/**
 * A look into a guest's disk before it boots: partition tables (UEFI 2.10, chapter 5) and ext2/3/4
 * file systems (Linux, Documentation/filesystems/ext4), read only. Whatever a disk holds, a reader
 * ends with an answer or with {@link dev.monoceros.cli.disk.DiskFormatException}, in bounded time
 * and memory.
 */
package dev.monoceros.cli.disk;
