/**
 * Virtual time: the clock that guest code drives, the queue of what happens at which of its
 * nanoseconds, and exact conversion to device ticks.
 *
 * <p>Start at {@link dev.monoceros.machine.time.EventQueue}.
 */
package dev.monoceros.machine.time;
