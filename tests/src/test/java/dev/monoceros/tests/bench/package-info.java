/**
 * Benchmarks of whole processes. Each is a main that prints a table; {@code bin/bench} runs them.
 * What came out is in docs/performance.md.
 */
package dev.monoceros.tests.bench;
