/**
 * {@code monoceros img}: qemu-img 7.2's commands. {@link dev.monoceros.cli.img.ImgTool} finds the
 * command; each is an {@link dev.monoceros.cli.img.ImgCommand} that reads its own options, in the
 * order and with the messages of qemu-img.
 */
package dev.monoceros.cli.img;
