package dev.monoceros.tests.arch.broken.virtio;

import dev.monoceros.tests.arch.broken.qcow.KnowsVirtio;

/** The device side reaches for an image. */
public record KnowsQcow(KnowsVirtio image) {}
