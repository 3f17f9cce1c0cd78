package dev.monoceros.cli.io;

/**
 * What is printed of a read.
 *
 * @param quiet nothing
 * @param dump all bytes
 * @param parsable the statistics as numbers
 */
record ReadStyle(boolean quiet, boolean dump, boolean parsable) {}
