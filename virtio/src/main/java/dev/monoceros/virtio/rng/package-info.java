/** The entropy device (virtio 1.2, 5.4) on top of a stream of random bytes that a port gives. */
package dev.monoceros.virtio.rng;
