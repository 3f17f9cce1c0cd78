package dev.monoceros.tests.arch.broken.machine;

import dev.monoceros.tests.arch.broken.machine.bus.UsesEngine;
import dev.monoceros.tests.arch.broken.unicorn.Engine;

/** The root does more than look the library up. */
public record UsesEngineAtRoot(Engine engine, UsesEngine bus) {}
