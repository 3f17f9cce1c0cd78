/** The host's side of the guest's serial port: standard streams, scripts, terminals, pacing. */
package dev.monoceros.cli.console;
