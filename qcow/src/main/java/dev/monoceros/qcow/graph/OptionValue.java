package dev.monoceros.qcow.graph;

import java.util.List;

/**
 * A value of a block option. The type matters: QEMU takes {@code 4096} and {@code "4096"} for a
 * size, but only text for a driver's name, and prints each as it was given.
 */
sealed interface OptionValue {
  /** Text, be it of JSON or of {@code --image-opts}, where all values are text. */
  record Text(String text) implements OptionValue {}

  /**
   * A JSON number.
   *
   * @param text as QEMU prints it
   */
  record Number(String text) implements OptionValue {}

  /** A JSON keyword {@code true} or {@code false}. */
  record Flag(boolean set) implements OptionValue {}

  /** A JSON {@code null}. */
  record Null() implements OptionValue {}

  /** A JSON object; not empty once options are flattened, but in a node's description. */
  record Tree(OptionMap map) implements OptionValue {}

  /** A JSON array. */
  record Items(List<OptionValue> values) implements OptionValue {
    public Items {
      values = List.copyOf(values);
    }
  }
}
