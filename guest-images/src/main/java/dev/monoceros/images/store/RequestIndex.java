package dev.monoceros.images.store;

import dev.monoceros.images.ImagesException;
import dev.monoceros.images.PackageInfo;
import dev.monoceros.images.apt.Deb822;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What each request resolved to, one small deb822 file per request: with it the second use needs
 * neither network nor apt.
 */
public final class RequestIndex {
  private static final String DIGEST_FIELD = "Digest: ";
  private static final int DIGEST_CHARS = 64;

  private final Layout layout;

  /** The index of a cache directory. */
  public RequestIndex(Layout layout) {
    this.layout = layout;
  }

  /**
   * The packages recorded for a request; empty when it was never resolved or the record is
   * unreadable.
   */
  public Optional<List<PackageInfo>> find(String key) {
    Path file = layout.index(key);
    try {
      return parse(Files.readString(file));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw ImagesException.io("read", file, e);
    }
  }

  /** Records a request; the caller holds the lock. */
  public void put(String key, List<PackageInfo> packages) {
    Path file = layout.index(key);
    Path half = file.resolveSibling("." + key + ".new");
    try {
      Files.createDirectories(file.getParent());
      Files.writeString(half, format(packages));
      Files.move(half, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw ImagesException.io("write", file, e);
    }
  }

  /** All recorded requests, by key in alphabetical order. */
  public List<String> keys() {
    if (!Files.isDirectory(layout.indexes())) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(layout.indexes())) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.startsWith("."))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw ImagesException.io("list", layout.indexes(), e);
    }
  }

  private static String format(List<PackageInfo> packages) {
    StringBuilder text = new StringBuilder();
    for (PackageInfo one : packages) {
      text.append("Package: ").append(one.name()).append('\n');
      text.append("Version: ").append(one.version()).append('\n');
      text.append("Architecture: ").append(one.architecture()).append('\n');
      text.append("Suite: ").append(one.suite()).append('\n');
      text.append("SHA256: ").append(one.sha256()).append('\n');
      text.append("Size: ").append(one.size()).append("\n\n");
    }
    return DIGEST_FIELD + Sha256.of(text.toString()) + "\n\n" + text;
  }

  /** A record that is cut or edited counts as absent: it is made again. */
  private static Optional<List<PackageInfo>> parse(String file) {
    int header = DIGEST_FIELD.length() + DIGEST_CHARS + 2;
    if (file.length() < header
        || !file.substring(0, header)
            .equals(DIGEST_FIELD + Sha256.of(file.substring(header)) + "\n\n")) {
      return Optional.empty();
    }
    String text = file.substring(header);
    List<PackageInfo> packages = new ArrayList<>();
    for (Map<String, String> stanza : Deb822.parse(text)) {
      String sha256 = stanza.getOrDefault("sha256", "");
      String size = stanza.getOrDefault("size", "");
      if (!sha256.matches("[0-9a-f]{64}")
          || !size.matches("\\d{1,18}")
          || !stanza.keySet().containsAll(List.of("package", "version", "architecture", "suite"))) {
        return Optional.empty();
      }
      packages.add(
          new PackageInfo(
              stanza.get("package"),
              stanza.get("version"),
              stanza.get("architecture"),
              stanza.get("suite"),
              sha256,
              Long.parseLong(size)));
    }
    return packages.isEmpty() ? Optional.empty() : Optional.of(List.copyOf(packages));
  }
}
