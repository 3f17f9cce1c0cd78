/** Internal snapshots: the snapshot table, and how one is taken, applied and deleted. */
package dev.monoceros.qcow.snapshot;
