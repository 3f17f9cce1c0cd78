/**
 * What a run boots with when the user did not say: root device, command line, initramfs,
 * libunicorn.
 */
package dev.monoceros.cli.boot;
