/**
 * The rules of the house (docs/architecture.md) as ArchUnit rules. {@link
 * dev.monoceros.tests.arch.HouseRule} holds them; each is also shown to fail on a small house that
 * breaks it, in {@code broken}.
 */
package dev.monoceros.tests.arch;
