/**
 * {@code bin/qemu-img} and {@code bin/qemu-io} against QEMU's own, as whole processes, and the L2
 * hit path by JMH. Images are in memory ({@code /dev/shm}).
 */
package dev.monoceros.tests.bench.img;
