/** A house that breaks every rule of {@link dev.monoceros.tests.arch.HouseRule} once. */
package dev.monoceros.tests.arch.broken;
