package dev.monoceros.qcow.oracle;

import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.Extent;
import dev.monoceros.qcow.ImageException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How a disk is stored, with neighbours of one kind joined: ours and qemu-img's to compare. */
public final class DiskMap {
  private static final Pattern ENTRY =
      Pattern.compile(
          "\"start\": (\\d+), \"length\": (\\d+), \"depth\": (\\d+), \"present\": (true|false), "
              + "\"zero\": (true|false), \"data\": (true|false)");

  /**
   * One stretch.
   *
   * @param depth in the backing chain
   */
  public record Stretch(long start, long length, int depth, boolean zero, boolean data) {}

  private DiskMap() {}

  /** What {@code qemu-img map} says. */
  public static List<Stretch> theirs(Path image) {
    Matcher entries = ENTRY.matcher(QemuImg.succeed("map", "--output=json", "-f", "qcow2", image));
    List<Stretch> found = new ArrayList<>();
    while (entries.find()) {
      add(
          found,
          new Stretch(
              Long.parseLong(entries.group(1)),
              Long.parseLong(entries.group(2)),
              Integer.parseInt(entries.group(3)),
              entries.group(5).equals("true"),
              entries.group(6).equals("true")));
    }
    return found;
  }

  /** What the image says here. */
  public static List<Stretch> ours(DiskImage image) throws ImageException {
    List<Stretch> found = new ArrayList<>();
    long at = 0;
    while (at < image.size()) {
      Extent e = image.extent(at, image.size() - at);
      add(found, new Stretch(e.offset(), e.length(), e.depth(), e.zero(), e.data()));
      at = e.end();
    }
    return found;
  }

  /**
   * The same without what the host file's holes within data tell: of some images, QEMU looks for
   * them, and that is not the format's.
   */
  public static List<Stretch> withoutHoles(List<Stretch> map) {
    List<Stretch> found = new ArrayList<>();
    for (Stretch s : map) {
      add(found, new Stretch(s.start, s.length, s.depth, s.zero && !s.data, s.data));
    }
    return found;
  }

  private static void add(List<Stretch> found, Stretch next) {
    Stretch last = found.isEmpty() ? null : found.getLast();
    if (last != null
        && last.depth == next.depth
        && last.zero == next.zero
        && last.data == next.data) {
      next = new Stretch(last.start, last.length + next.length, last.depth, last.zero, last.data);
      found.removeLast();
    }
    found.add(next);
  }
}
