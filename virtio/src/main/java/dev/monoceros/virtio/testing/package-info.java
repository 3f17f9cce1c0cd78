/**
 * The other side of everything this module does, for tests of its own and of other people: {@link
 * dev.monoceros.virtio.testing.FakeDriver} drives registers and rings as a guest's driver does,
 * with {@link dev.monoceros.virtio.testing.ByteGuestMemory} as RAM, {@link
 * dev.monoceros.virtio.testing.ManualClock} as time and {@link
 * dev.monoceros.virtio.testing.RecordingInterrupt} as interrupt controller.
 *
 * <p>Its constants are those of Linux's uapi headers, written down apart from the device's own, so
 * that a mistake in one is not repeated in the other.
 */
package dev.monoceros.virtio.testing;
