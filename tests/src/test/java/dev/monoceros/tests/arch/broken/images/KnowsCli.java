package dev.monoceros.tests.arch.broken.images;

import dev.monoceros.tests.arch.broken.cli.Command;

/** A library reaches for the command. */
public record KnowsCli(Command command) {}
