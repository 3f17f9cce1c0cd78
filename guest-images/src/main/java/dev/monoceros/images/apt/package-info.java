/**
 * apt driven with private directories: resolves and fetches packages of a Debian suite, changes
 * nothing on the machine.
 */
package dev.monoceros.images.apt;
