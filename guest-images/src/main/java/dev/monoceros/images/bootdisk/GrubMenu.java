package dev.monoceros.images.bootdisk;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The entries of a menu, and which of them a name means. */
final class GrubMenu {
  /**
   * A line of the menu.
   *
   * @param title what is shown
   * @param id what may stand for it, empty for none
   * @param submenu whether it holds entries
   * @param body what is done when it is chosen
   */
  record Item(String title, String id, boolean submenu, List<GrubStatement> body) {
    static Item of(boolean submenu, List<String> words, List<GrubStatement> body) {
      String title = "";
      String id = "";
      for (int i = 0; i < words.size(); i++) {
        String word = words.get(i);
        if (word.equals("--id") && i + 1 < words.size()) {
          id = words.get(++i);
        } else if (word.startsWith("--id=")) {
          id = word.substring("--id=".length());
        } else if (word.matches("--(class|users|hotkey)") && i + 1 < words.size()) {
          i++;
        } else if (!word.startsWith("--") && title.isEmpty()) {
          title = word;
        }
      }
      return new Item(title, id, submenu, body);
    }
  }

  private final List<Item> items = new ArrayList<>();

  void add(Item item) {
    items.add(item);
  }

  boolean isEmpty() {
    return items.isEmpty();
  }

  /** By number from 0, by id, or by title; empty when nothing is called that. */
  Optional<Item> named(String name) {
    if (name.matches("\\d{1,4}")) {
      int number = Integer.parseInt(name);
      return number < items.size() ? Optional.of(items.get(number)) : Optional.empty();
    }
    return items.stream()
        .filter(item -> item.id().equals(name) || item.title().equals(name))
        .findFirst();
  }

  Item first() {
    return items.getFirst();
  }
}
