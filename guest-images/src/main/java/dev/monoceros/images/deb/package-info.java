/** Debian binary packages (deb(5)) read and unpacked without dpkg. */
package dev.monoceros.images.deb;
