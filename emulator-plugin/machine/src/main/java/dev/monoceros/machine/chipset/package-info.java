/**
 * The PC's motherboard devices, each written from its data sheet: two 8259A interrupt controllers,
 * 8254 timer, MC146818 real-time clock, 16550A serial port, a keyboard controller with nothing
 * plugged in, reset and exit ports, and the ACPI registers and tables.
 *
 * <p>Start at {@link dev.monoceros.machine.chipset.Chipset}, which puts them on the buses.
 */
package dev.monoceros.machine.chipset;
