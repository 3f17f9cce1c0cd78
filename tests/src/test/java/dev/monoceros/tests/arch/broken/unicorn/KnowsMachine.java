package dev.monoceros.tests.arch.broken.unicorn;

import dev.monoceros.tests.arch.broken.machine.bus.UsesEngine;

/** The binding reaches for the machine. */
public record KnowsMachine(UsesEngine user) {}
