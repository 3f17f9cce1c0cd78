package dev.monoceros.qcow.graph;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/** What QEMU reads out of a file name. */
final class FileName {
  static final String JSON_PREFIX = "json:";
  private static final String FILE_PREFIX = "file:";
  private static final String DEVICE_PREFIX = "host_device:";
  private static final String DEVICES = "/dev/";

  private FileName() {}

  /** The part before a colon that comes before any slash, or empty. */
  static Optional<String> protocol(String name) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c == '/') {
        return Optional.empty();
      }
      if (c == ':') {
        return Optional.of(name.substring(0, i));
      }
    }
    return Optional.empty();
  }

  static boolean isJson(String name) {
    return name.startsWith(JSON_PREFIX);
  }

  static boolean isAbsolute(String name) {
    return name.startsWith("/");
  }

  /** True if the host has a device under this name. */
  static boolean isDevice(String name) {
    if (!name.startsWith(DEVICES)) {
      return false;
    }
    Path path = path(name);
    return Files.exists(path) && !Files.isRegularFile(path) && !Files.isDirectory(path);
  }

  /** A file name of the driver {@code file} or {@code host_device} without its prefix. */
  static String withoutPrefix(String name) {
    for (String prefix : new String[] {FILE_PREFIX, DEVICE_PREFIX}) {
      if (name.startsWith(prefix)) {
        String rest = name.substring(prefix.length());
        // What is left must not be taken for a protocol again.
        return protocol(rest).isPresent() ? "./" + rest : rest;
      }
    }
    return name;
  }

  /** Directory of a file name with its slash; empty for the current one. */
  static String directory(String name) {
    return name.substring(0, name.lastIndexOf('/') + 1);
  }

  /** A path for a name; one that can be no path becomes one that names nothing. */
  static Path path(String name) {
    try {
      return Path.of(name);
    } catch (InvalidPathException e) {
      return Path.of(name.replaceAll("[^ -~]", "?"));
    }
  }

  /** True if the host can have no file of that name: a NUL, or letters its locale cannot encode. */
  static boolean isImpossible(String name) {
    try {
      return Path.of(name).toString().indexOf('\0') >= 0;
    } catch (InvalidPathException e) {
      return true;
    }
  }
}
