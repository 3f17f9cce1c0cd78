package dev.monoceros.tests.arch.broken.qcow;

import java.util.HashMap;

/** Evicts whatever the hash map yields. */
final class OrdersByHash {
  private final HashMap<Object, Long> tables = new HashMap<>();

  void add(Object table, long offset) {
    tables.put(table, offset);
  }

  long victim() {
    return tables.values().iterator().next();
  }
}
