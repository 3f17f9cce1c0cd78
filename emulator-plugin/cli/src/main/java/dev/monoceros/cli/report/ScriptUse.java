package dev.monoceros.cli.report;

/**
 * What the guest took of standard input.
 *
 * @param bytes how many
 * @param sha256 of these, hexadecimal
 */
public record ScriptUse(long bytes, String sha256) {}
