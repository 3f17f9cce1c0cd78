/**
 * The wires: the address buses (memory-mapped and port I/O) with range registration, and interrupt
 * lines.
 *
 * <p>Start at {@link dev.monoceros.machine.bus.AddressBus}.
 */
package dev.monoceros.machine.bus;
