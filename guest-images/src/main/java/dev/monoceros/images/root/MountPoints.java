package dev.monoceros.images.root;

import dev.monoceros.images.root.DirectoryScan.Found;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Gives a directory the mount points that every guest needs, in place of whatever else has their
 * names.
 */
final class MountPoints {
  private MountPoints() {}

  static Found added(Found found) {
    Set<String> missing = new TreeSet<>(DirectoryScan.MOUNTED_OVER);
    List<Item> items = new ArrayList<>();
    for (Item item : found.items()) {
      boolean directory = item.kind() == Item.Kind.DIRECTORY;
      if (directory || !DirectoryScan.MOUNTED_OVER.contains(item.path())) {
        items.add(item);
        missing.remove(item.path());
      }
    }
    for (String name : missing) {
      items.add(new Item(name, null, Item.Kind.DIRECTORY, 0755, 0, 0, 0, 0, 0, 0, null));
    }
    items.sort(Comparator.comparing(Item::path));
    return new Found(found.top(), items, found.notes());
  }
}
