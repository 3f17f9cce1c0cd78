package dev.monoceros.tests.arch.broken.qcow;

import dev.monoceros.tests.arch.broken.virtio.KnowsQcow;

/** An image reaches for the device side. */
public record KnowsVirtio(KnowsQcow device) {}
