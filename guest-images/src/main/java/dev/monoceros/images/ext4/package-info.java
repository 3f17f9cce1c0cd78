/**
 * A reader of ext2, ext3 and ext4 file systems inside guest disks, enough to take kernel modules
 * from them. It writes nothing, needs no mount, and believes nothing an image says: every number is
 * checked before it is used, every loop is bounded. Structures and names are those of the kernel's
 * Documentation/filesystems/ext4.
 */
package dev.monoceros.images.ext4;
