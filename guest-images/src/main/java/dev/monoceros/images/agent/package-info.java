/**
 * The agent: an initramfs that mounts a directory's image as the root file system and runs one
 * command there. {@link dev.monoceros.images.agent.AgentInitramfs} makes it of a {@link
 * dev.monoceros.images.agent.GuestCommand}.
 */
package dev.monoceros.images.agent;
