package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.io.ImageFault;
import java.util.Optional;

/**
 * What a node is called: a plain file name if opening that would make the same node again, else all
 * that it takes as {@code json:}. QEMU's {@code bdrv_refresh_filename}.
 *
 * @param driver of the node
 * @param exact the plain file name, if there is one
 * @param options what makes the node what it is, children included
 * @param primary the child that is looked at for a directory, if there is one
 */
record NodeName(
    Driver driver, Optional<String> exact, OptionMap options, Optional<NodeName> primary) {
  /** QEMU's buffer for a file name, without its end. */
  private static final int MAX_LENGTH = 4095;

  private static final String CUT = "...";

  /** As {@code qemu-img info} prints it. */
  String fileName() {
    return exact.orElseGet(() -> cut(FileName.JSON_PREFIX + JsonText.of(options)));
  }

  private static String cut(String name) {
    return name.length() <= MAX_LENGTH ? name : name.substring(0, MAX_LENGTH - CUT.length()) + CUT;
  }

  /**
   * What relative names in the node are relative to, with a slash, or empty for the current
   * directory.
   *
   * @throws ImageFault BAD_OPTION if no file name says it
   */
  String directory() throws ImageFault {
    if (primary.isPresent()) {
      return primary.get().directory();
    }
    return FileName.directory(
        exact.orElseThrow(
            () ->
                GraphFault.bad(
                    "Cannot generate a base directory for " + driver.qemuName() + " nodes")));
  }

  /** The name under which a file is opened that the node calls {@code name}. */
  String resolve(String name) throws ImageFault {
    if (FileName.isAbsolute(name) || FileName.protocol(name).isPresent()) {
      return name;
    }
    return directory() + name;
  }

  /** For a node of which {@code other} is the only child. */
  OptionMap optionsWith(String key, NodeName other) {
    OptionMap map = new OptionMap(options);
    map.put(key, new OptionValue.Tree(other.options));
    return map;
  }
}
