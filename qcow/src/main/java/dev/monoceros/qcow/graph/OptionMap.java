package dev.monoceros.qcow.graph;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Options of a node, which its driver and its children use up one by one. What is left then is an
 * unknown option.
 *
 * <p>The order is that of QEMU's hash table: it shows in the {@code json:} names that are printed
 * and decides which of several unknown options is complained about.
 */
final class OptionMap {
  private static final int BUCKETS = 512;

  private final TreeMap<Key, OptionValue> values = new TreeMap<>();

  /** A key and its place in the order, which costs as much as the key is long. */
  private record Key(int bucket, String text) implements Comparable<Key> {
    static Key of(String text) {
      return new Key(bucketOf(text), text);
    }

    @Override
    public int compareTo(Key other) {
      int order = Integer.compare(bucket, other.bucket);
      return order != 0 ? order : text.compareTo(other.text);
    }
  }

  OptionMap() {}

  OptionMap(OptionMap from) {
    values.putAll(from.values);
  }

  /** Where QEMU's hash (from tdb) puts a key. */
  private static int bucketOf(String key) {
    byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
    int value = 0x238F13AF * bytes.length;
    for (int i = 0; i < bytes.length; i++) {
      value += Byte.toUnsignedInt(bytes[i]) << (i * 5 % 24);
    }
    return Integer.remainderUnsigned(1103515243 * value + 12345, BUCKETS);
  }

  void put(String key, OptionValue value) {
    values.put(Key.of(key), value);
  }

  void put(String key, String text) {
    values.put(Key.of(key), new OptionValue.Text(text));
  }

  OptionValue get(String key) {
    return values.get(Key.of(key));
  }

  boolean has(String key) {
    return values.containsKey(Key.of(key));
  }

  OptionValue remove(String key) {
    return values.remove(Key.of(key));
  }

  boolean isEmpty() {
    return values.isEmpty();
  }

  /** The first key in QEMU's order; there is one. */
  String firstKey() {
    return values.firstKey().text();
  }

  /** All keys, in QEMU's order. */
  List<String> keys() {
    return values.keySet().stream().map(Key::text).toList();
  }

  /** Text of an option that holds text, else null. */
  String text(String key) {
    return values.get(Key.of(key)) instanceof OptionValue.Text(String text) ? text : null;
  }

  /** Takes out all options below {@code prefix}, without it. */
  OptionMap takeBelow(String prefix) {
    OptionMap below = new OptionMap();
    for (Key key : new ArrayList<>(values.keySet())) {
      if (key.text().startsWith(prefix)) {
        below.put(key.text().substring(prefix.length()), values.remove(key));
      }
    }
    return below;
  }

  /** Adds the options of {@code other} that this has not. */
  void join(OptionMap other) {
    other.values.forEach(values::putIfAbsent);
  }

  /** Nested objects and arrays as dotted keys; empty ones stay as they are. */
  OptionMap flattened() {
    OptionMap flat = new OptionMap();
    values.forEach(
        (key, value) -> {
          if (!isNested(value)) {
            flat.values.put(key, value);
          }
        });
    // A nested option wins over the same one with a dotted key.
    values.forEach(
        (key, value) -> {
          if (isNested(value)) {
            flatten(key.text(), value, flat);
          }
        });
    return flat;
  }

  private static boolean isNested(OptionValue value) {
    return switch (value) {
      case OptionValue.Tree(OptionMap map) -> !map.isEmpty();
      case OptionValue.Items(List<OptionValue> items) -> !items.isEmpty();
      case OptionValue.Text _, OptionValue.Number _, OptionValue.Flag _, OptionValue.Null _ ->
          false;
    };
  }

  private static void flatten(String key, OptionValue value, OptionMap flat) {
    if (!isNested(value)) {
      flat.put(key, value);
    } else if (value instanceof OptionValue.Tree(OptionMap map)) {
      for (Map.Entry<Key, OptionValue> e : map.values.entrySet()) {
        flatten(key + "." + e.getKey().text(), e.getValue(), flat);
      }
    } else if (value instanceof OptionValue.Items(List<OptionValue> items)) {
      for (int i = 0; i < items.size(); i++) {
        flatten(key + "." + i, items.get(i), flat);
      }
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof OptionMap map && values.equals(map.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return JsonText.of(this);
  }
}
