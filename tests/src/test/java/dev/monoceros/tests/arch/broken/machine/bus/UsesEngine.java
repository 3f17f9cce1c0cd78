package dev.monoceros.tests.arch.broken.machine.bus;

import dev.monoceros.tests.arch.broken.machine.UsesEngineAtRoot;
import dev.monoceros.tests.arch.broken.unicorn.Engine;

/** A bus reaches for the engine, and up to the machine that holds it. */
public record UsesEngine(Engine engine, UsesEngineAtRoot machine) {}
