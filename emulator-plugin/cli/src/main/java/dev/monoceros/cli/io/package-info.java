/**
 * {@code monoceros io}: what {@code qemu-io} 7.2 is, command for command and text for text. The
 * interpreter runs lines of text against a session, which holds the open image, the outstanding
 * asynchronous requests and the output.
 */
package dev.monoceros.cli.io;
