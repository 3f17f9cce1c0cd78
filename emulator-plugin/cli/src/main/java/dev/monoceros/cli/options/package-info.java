/** What may stand behind an option: disks, durations, sizes, times. */
package dev.monoceros.cli.options;
