/** What is told about a run: the table at its end, the report file, the configuration. */
package dev.monoceros.cli.report;
