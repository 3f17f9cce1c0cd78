package dev.monoceros.images.bootdisk;

import java.util.List;

/**
 * What a boot loader would start.
 *
 * @param origin where that is written, for people
 * @param kernel the kernel
 * @param initrds its initial RAM disks, to be concatenated; may be none
 * @param options its command line, without a root where the entry names none
 */
record BootEntry(String origin, Volume.File kernel, List<Volume.File> initrds, String options) {}
