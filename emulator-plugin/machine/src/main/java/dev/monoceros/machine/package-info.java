/**
 * The PC, ready to run: what everybody else uses. {@link dev.monoceros.machine.Machine} runs what a
 * {@link dev.monoceros.machine.MachineConfig} describes and ends with a {@link
 * dev.monoceros.machine.RunResult}.
 */
package dev.monoceros.machine;
