package dev.monoceros.images.bootdisk;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * Entries of the Boot Loader Specification, type 1: one file each in loader/entries of the file
 * system that is mounted at /boot, or of /boot.
 */
final class LoaderEntries {
  private static final String DIRECTORY = "loader/entries/";
  private static final String SUFFIX = ".conf";
  private static final int MAX_FILE = 64 << 10;
  private static final int MAX_ENTRIES = 1000;

  /**
   * One entry.
   *
   * @param id its file's name without the suffix and without the counter of boots ("+3-0")
   * @param fields the first value of each key, but all of initrd and options, joined by spaces
   */
  private record Entry(String id, Map<String, String> fields) {
    String field(String key) {
      return fields.getOrDefault(key, "");
    }
  }

  /** "Sorting": entries with a sort key first, by that, then by falling version and name. */
  private static final Comparator<Entry> ORDER =
      Comparator.comparing((Entry entry) -> entry.field("sort-key").isEmpty())
          .thenComparing(entry -> entry.field("sort-key"))
          .thenComparing(entry -> entry.field("machine-id"))
          .thenComparing(entry -> entry.field("version"), KernelVersions.ORDER.reversed())
          .thenComparing(Entry::id, KernelVersions.ORDER.reversed());

  private final Volume volume;
  private final String boot;
  private final List<Entry> entries;

  private LoaderEntries(Volume volume, String boot, List<Entry> entries) {
    this.volume = volume;
    this.boot = boot;
    this.entries = entries;
  }

  /** The entries in a directory such as {@code /boot/}; empty when there are none for Linux. */
  static Optional<LoaderEntries> in(Volume volume, String boot) throws IOException {
    List<Entry> found = new ArrayList<>();
    for (String name : volume.files().names(boot + DIRECTORY)) {
      Optional<byte[]> file =
          name.endsWith(SUFFIX) && found.size() < MAX_ENTRIES
              ? volume.files().read(boot + DIRECTORY + name, MAX_FILE)
              : Optional.empty();
      if (file.isPresent()) {
        String id = name.substring(0, name.length() - SUFFIX.length());
        Entry entry = new Entry(id.replaceFirst("\\+\\d+(-\\d+)?$", ""), parse(file.get()));
        if (!entry.field("linux").isEmpty()) {
          found.add(entry);
        }
      }
    }
    found.sort(ORDER);
    return found.isEmpty()
        ? Optional.empty()
        : Optional.of(new LoaderEntries(volume, boot, List.copyOf(found)));
  }

  private static Map<String, String> parse(byte[] file) {
    Map<String, String> fields = new TreeMap<>();
    for (String line : new String(file, StandardCharsets.UTF_8).split("\n")) {
      String[] parts = line.strip().split("\\s+", 2);
      if (parts.length == 2 && !parts[0].startsWith("#")) {
        boolean many = parts[0].equals("initrd") || parts[0].equals("options");
        fields.merge(parts[0], parts[1], (old, more) -> many ? old + " " + more : old);
      }
    }
    return fields;
  }

  /**
   * The default entry: the one that GRUB saved, else that of loader.conf, else the first.
   *
   * @param saved its id or number, empty for none
   * @param expand puts in variables, for distributions that use them in options
   */
  BootEntry byDefault(String saved, UnaryOperator<String> expand)
      throws IOException, NoKernelException {
    Entry entry = select(saved);
    List<Volume.File> initrds = new ArrayList<>();
    for (String path : expand.apply(entry.field("initrd")).strip().split("\\s+")) {
      if (!path.isEmpty()) {
        initrds.add(file(entry, path));
      }
    }
    return new BootEntry(
        boot + DIRECTORY + entry.id() + SUFFIX + " of " + volume.device(),
        file(entry, entry.field("linux")),
        initrds,
        expand.apply(entry.field("options")).strip().replaceAll("\\s+", " "));
  }

  private Entry select(String saved) throws IOException {
    String wanted = saved.isEmpty() ? loaderDefault() : saved;
    if (wanted.matches("\\d{1,4}") && Integer.parseInt(wanted) < entries.size()) {
      return entries.get(Integer.parseInt(wanted));
    }
    String pattern =
        wanted.endsWith(SUFFIX) ? wanted.substring(0, wanted.length() - SUFFIX.length()) : wanted;
    return entries.stream()
        .filter(entry -> matches(pattern, entry.id()))
        .findFirst()
        .orElse(entries.getFirst());
  }

  /** loader.conf(5): {@code default}, a pattern with wildcards. */
  private String loaderDefault() throws IOException {
    Optional<byte[]> file = volume.files().read(boot + "loader/loader.conf", MAX_FILE);
    return file.map(bytes -> parse(bytes).getOrDefault("default", "")).orElse("");
  }

  /** Wildcards * and ?; every star is tried once, so that no pattern takes long. */
  static boolean matches(String pattern, String name) {
    int p = 0;
    int n = 0;
    int star = -1;
    int resume = 0;
    while (n < name.length()) {
      if (p < pattern.length() && pattern.charAt(p) == '*') {
        star = p++;
        resume = n;
      } else if (p < pattern.length()
          && (pattern.charAt(p) == '?' || pattern.charAt(p) == name.charAt(n))) {
        p++;
        n++;
      } else if (star >= 0) {
        p = star + 1;
        n = ++resume;
      } else {
        return false;
      }
    }
    return pattern.substring(p).chars().allMatch(c -> c == '*');
  }

  /** Paths are those of the file system, wherever it is mounted. */
  private Volume.File file(Entry entry, String path) throws IOException, NoKernelException {
    Optional<Volume.File> file = volume.file(path);
    if (file.isEmpty()) {
      throw new NoKernelException(
          "the default entry %s of %s names %s, which is not there"
              .formatted(entry.id(), volume.device(), path));
    }
    return file.get();
  }
}
