/** Kernels, initramfs trees, machines and oracles for tests that boot something. */
package dev.monoceros.tests.support;
