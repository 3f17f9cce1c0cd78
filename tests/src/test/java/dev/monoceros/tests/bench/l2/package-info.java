/**
 * The table of the L2 cache's first author, on our code: four groups of jobs, several cache sizes,
 * and two controls without a cache. {@link dev.monoceros.tests.bench.l2.L2CacheBench} prints it.
 */
package dev.monoceros.tests.bench.l2;
