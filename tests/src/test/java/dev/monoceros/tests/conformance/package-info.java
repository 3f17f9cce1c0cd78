/**
 * Proof of conformance. Tests of other modules carry the numbers of the rules they prove ({@link
 * dev.monoceros.virtio.testing.Must}); docs/virtio-conformance.md is made of these annotations, and
 * every rule's tests have to fail on devices that violate it ({@code MutantsTest}).
 */
package dev.monoceros.tests.conformance;
