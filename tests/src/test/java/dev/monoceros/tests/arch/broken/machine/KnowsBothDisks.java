package dev.monoceros.tests.arch.broken.machine;

import dev.monoceros.tests.arch.broken.qcow.KnowsVirtio;
import dev.monoceros.tests.arch.broken.virtio.KnowsQcow;

/** Virtio and qcow meet outside machine.block. */
record KnowsBothDisks(KnowsQcow device, KnowsVirtio image) {}
