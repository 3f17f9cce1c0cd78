/** Stock Linux kernels, and small programs of our own, booted on the machine. */
package dev.monoceros.tests.boot;
