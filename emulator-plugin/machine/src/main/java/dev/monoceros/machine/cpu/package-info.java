/**
 * The CPU: everything that libunicorn leaves to its user. {@link dev.monoceros.machine.cpu.Cpu} is
 * the type to start at; {@link dev.monoceros.machine.cpu.Mmu} owns address translation, {@link
 * dev.monoceros.machine.cpu.EventDelivery} the entry through the IDT.
 *
 * <p>Section numbers are those of the Intel 64 and IA-32 Architectures Software Developer's Manual
 * (SDM), volume 3A, unless another source is named.
 */
package dev.monoceros.machine.cpu;
