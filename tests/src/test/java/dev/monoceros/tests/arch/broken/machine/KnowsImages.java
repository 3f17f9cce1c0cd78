package dev.monoceros.tests.arch.broken.machine;

import dev.monoceros.tests.arch.broken.images.KnowsCli;

/** The machine reaches for the package cache. */
record KnowsImages(KnowsCli images) {}
