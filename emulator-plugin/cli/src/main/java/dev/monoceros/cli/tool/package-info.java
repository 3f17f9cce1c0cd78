/**
 * What {@code monoceros img} and {@code monoceros io} share: getopt, messages, sizes and JSON as
 * QEMU 7.2's tools have them. Nothing here loads picocli, logging or a data binder: these commands
 * start in a quarter of a second.
 */
package dev.monoceros.cli.tool;
