/**
 * {@code run --root DIR -- COMMAND}: a directory of the host as the guest's root file system, one
 * command in it, its output, its status and its files.
 */
package dev.monoceros.cli.directory;
