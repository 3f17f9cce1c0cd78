/** How the process ends: exit codes, and the failure that becomes one sentence. */
package dev.monoceros.cli.exit;
