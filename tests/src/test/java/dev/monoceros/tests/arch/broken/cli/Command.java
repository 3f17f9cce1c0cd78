package dev.monoceros.tests.arch.broken.cli;

/** What nothing may import. */
public record Command(String name) {}
