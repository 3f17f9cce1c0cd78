package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.io.ImageFault;
import java.util.Optional;

/**
 * All that a driver needs to open its node.
 *
 * @param file the child called {@code file} where the driver is no protocol; may be null
 * @param probed nobody said which driver it is
 * @param given the options before anybody took one out
 */
record NodeParts(
    NodeOpener opener,
    NodeRequest request,
    Driver driver,
    Node file,
    boolean probed,
    OptionMap given) {
  OptionMap options() {
    return request.options();
  }

  /** The child called {@code file}, without which the driver cannot do. */
  Node requireFile() throws ImageFault {
    if (file == null) {
      throw GraphFault.bad("A block device must be specified for \"file\"");
    }
    return file;
  }

  void requireNoOptionsLeft() throws ImageFault {
    OptionMap left = options();
    if (left.isEmpty()) {
      return;
    }
    if (!request.noBacking()
        && (left.text("backing") != null
            || left.keys().stream().anyMatch(key -> key.startsWith("backing.")))) {
      throw GraphFault.bad("Driver doesn't support backing files");
    }
    String key = left.firstKey();
    throw GraphFault.bad(
        driver.isProtocol()
            ? "Block protocol '" + driver.qemuName() + "' doesn't support the option '" + key + "'"
            : "Block format '" + driver.qemuName() + "' does not support the option '" + key + "'");
  }

  /**
   * The options that make the node what it is, without its children.
   *
   * @param strong names, or beginnings of names that end in a dot, beside the driver's name
   */
  OptionMap significant(String... strong) {
    OptionMap map = new OptionMap();
    map.put(CommonOptions.DRIVER, driver.qemuName());
    for (String key : given.keys()) {
      for (String name : strong) {
        if (key.equals(name) || (name.endsWith(".") && key.startsWith(name))) {
          map.put(key, given.get(key));
        }
      }
    }
    return map;
  }

  /** Name of a node that has one child, which is called {@code file}. */
  NodeName nameOver(String... strong) {
    OptionMap map = significant(strong);
    boolean changed = map.keys().size() > 1;
    NodeName below = file.names();
    Optional<String> exact =
        !changed && !driver.isFilter() && below.driver().isProtocol()
            ? below.exact()
            : Optional.empty();
    map.put("file", new OptionValue.Tree(below.options()));
    return new NodeName(driver, exact, map, Optional.of(below));
  }
}
