/**
 * What guests boot from: packages fetched through apt into a cache, and images built from them.
 *
 * <p>Start at {@link dev.monoceros.images.PackageCache}: it hands out a kernel, busybox, libunicorn
 * and the test oracles, fetching what it lacks as an ordinary user and installing nothing. The
 * builders in the sub-packages turn these into an initramfs or a partitioned disk; the same inputs
 * give the same bytes.
 */
package dev.monoceros.images;
