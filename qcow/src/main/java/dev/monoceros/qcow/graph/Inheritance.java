package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.OpenOptions;

/** What a node gets from the one above where its own options do not say: QEMU's rules. */
final class Inheritance {
  private Inheritance() {}

  /** For the topmost node, from what the caller asks for. */
  static void ofTop(OpenOptions options, OptionMap map) {
    if (!map.has(CommonOptions.READ_ONLY)) {
      boolean readOnly = asksToRead(options) || options.snapshot();
      map.put(CommonOptions.READ_ONLY, new OptionValue.Flag(readOnly));
    }
    if (options.forceShare()) {
      map.put(CommonOptions.FORCE_SHARE, "on");
    }
    if (options.noFlush() && !map.has(CommonOptions.NO_FLUSH)) {
      map.put(CommonOptions.NO_FLUSH, "on");
    }
  }

  /** True if the caller will not write. */
  static boolean asksToRead(OpenOptions options) {
    return options.readOnly() || options.snapshotName().isPresent();
  }

  /** For a child that holds data or metadata of its parent. */
  static void ofFile(OptionMap parent, OptionMap child) {
    copy(CommonOptions.DIRECT, parent, child);
    copy(CommonOptions.NO_FLUSH, parent, child);
    copy(CommonOptions.FORCE_SHARE, parent, child);
    copy(CommonOptions.READ_ONLY, parent, child);
    copy(CommonOptions.AUTO_READ_ONLY, parent, child);
    if (!child.has(CommonOptions.DISCARD)) {
      child.put(CommonOptions.DISCARD, "unmap");
    }
  }

  /** For the image below, which is only read. */
  static void ofBacking(OptionMap parent, OptionMap child) {
    copy(CommonOptions.DIRECT, parent, child);
    copy(CommonOptions.NO_FLUSH, parent, child);
    copy(CommonOptions.FORCE_SHARE, parent, child);
    if (!child.has(CommonOptions.READ_ONLY)) {
      child.put(CommonOptions.READ_ONLY, "on");
    }
  }

  private static void copy(String key, OptionMap parent, OptionMap child) {
    OptionValue value = parent.get(key);
    if (value != null && !child.has(key)) {
      child.put(key, value);
    }
  }
}
