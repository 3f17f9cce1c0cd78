/** A small program for developers: prints paths of cached things and builds images by hand. */
package dev.monoceros.images.tool;
