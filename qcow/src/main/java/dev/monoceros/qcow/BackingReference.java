package dev.monoceros.qcow;

import java.util.Optional;

/**
 * The image below, as the image above names it.
 *
 * @param name as stored: a path, relative to the directory of the image that holds it, or a {@code
 *     json:} file name; at most 1023 bytes of UTF-8
 * @param format name of the format as stored, such as {@code qcow2}; empty if the image does not
 *     say
 */
public record BackingReference(String name, Optional<String> format) {}
