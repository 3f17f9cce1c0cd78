package dev.monoceros.images.root;

import dev.monoceros.images.store.Sha256;
import java.util.List;

/**
 * What a directory looks like from outside its files, as a digest: paths, types, modes, owners,
 * sizes, link targets, device numbers, and the times of the last change of contents and of status
 * to the nanosecond. The status time is the kernel's own and cannot be set back, so a file that was
 * written and given its old time again is seen, too. Where the directory lies is no part of it.
 */
final class Fingerprint {
  private Fingerprint() {}

  /**
   * The digest.
   *
   * @param recipe everything else that shapes the image
   */
  static String of(DirectoryScan.Found found, String recipe) {
    StringBuilder text = new StringBuilder(recipe).append('\0');
    add(text, found.top());
    found.items().forEach(item -> add(text, item));
    List<String> notes = found.notes();
    notes.forEach(note -> text.append(note).append('\0'));
    return Sha256.of(text.toString());
  }

  /** No path and no link's target has a zero byte in it. */
  private static void add(StringBuilder text, Item item) {
    text.append(item.path()).append('\0').append(item.kind());
    long[] numbers = {
      item.mode(),
      item.uid(),
      item.gid(),
      item.size(),
      item.device(),
      item.modified(),
      item.changed()
    };
    for (long number : numbers) {
      text.append(' ').append(number);
    }
    text.append(' ').append(item.target()).append('\0');
  }

  /** The latest time in it, ns since 1970. */
  static long newest(DirectoryScan.Found found) {
    return found.items().stream()
        .mapToLong(item -> Math.max(item.modified(), item.changed()))
        .reduce(Math.max(found.top().modified(), found.top().changed()), Math::max);
  }
}
