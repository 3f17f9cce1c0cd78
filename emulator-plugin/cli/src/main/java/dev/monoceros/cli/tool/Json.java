package dev.monoceros.cli.tool;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * JSON as QEMU's tools print it: four spaces a level, members in the order of QEMU's hash table,
 * everything beyond ASCII escaped. People compare this output as text, so the order matters.
 */
public sealed interface Json {
  /** A number, a truth value or null, as its text. */
  record Literal(String text) implements Json {}

  /** A string. */
  record Text(String value) implements Json {}

  /** An array. */
  record Items(List<Json> items) implements Json {
    public Items {
      items = List.copyOf(items);
    }
  }

  /** An object; {@link #put} members in any order. */
  final class Members implements Json {
    private static final int BUCKETS = 512;

    private final Map<String, Json> values = new HashMap<>();
    private final List<String> keys = new ArrayList<>();

    /** Adds or replaces a member. */
    public Members put(String key, Json value) {
      if (values.put(key, value) == null) {
        keys.add(key);
      }
      return this;
    }

    public Members put(String key, String value) {
      return put(key, new Text(value));
    }

    public Members put(String key, long value) {
      return put(key, new Literal(Long.toString(value)));
    }

    public Members put(String key, boolean value) {
      return put(key, new Literal(Boolean.toString(value)));
    }

    /** QEMU walks the buckets of its table, in each from the newest member to the oldest. */
    public List<String> keys() {
      List<String> sorted = new ArrayList<>(keys);
      Collections.reverse(sorted);
      sorted.sort((a, b) -> Integer.compare(bucket(a), bucket(b)));
      return sorted;
    }

    /** The value of a member. */
    public Json get(String key) {
      return values.get(key);
    }

    /** The hash function of Samba's tdb, with which QEMU's dictionaries are filled. */
    private static int bucket(String key) {
      byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
      int value = 0x238F13AF * bytes.length;
      for (int i = 0; i < bytes.length; i++) {
        value += (bytes[i] & 0xff) << (i * 5 % 24);
      }
      return Integer.remainderUnsigned(1103515243 * value + 12345, BUCKETS);
    }
  }

  /** An empty object. */
  static Members members() {
    return new Members();
  }

  /** An array. */
  static Json items(List<? extends Json> items) {
    return new Items(List.copyOf(items));
  }

  /** On several lines, without an end of line after the last. */
  default String pretty() {
    StringBuilder text = new StringBuilder();
    JsonText.append(text, this, "\n");
    return text.toString();
  }

  /** On one line. */
  default String compact() {
    StringBuilder text = new StringBuilder();
    JsonText.append(text, this, null);
    return text.toString();
  }
}
