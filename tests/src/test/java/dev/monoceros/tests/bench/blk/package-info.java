/** What a request costs the block device itself. */
package dev.monoceros.tests.bench.blk;
