package dev.monoceros.tests.arch.broken.unicorn;

/** What only the CPU may touch. */
public record Engine(long address) {}
