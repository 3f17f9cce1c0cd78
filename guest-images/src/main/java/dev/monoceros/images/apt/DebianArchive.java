package dev.monoceros.images.apt;

import dev.monoceros.images.CacheOptions;
import dev.monoceros.images.ImagesException;
import dev.monoceros.images.Suite;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * The Debian archive this machine's own apt uses, as a source for any suite.
 *
 * @param main the archive
 * @param security the security archive, when the machine has one
 */
public record DebianArchive(Source main, Optional<Source> security) {
  /**
   * The keys of all current Debian releases; the two names are those of older and newer
   * archive-keyring packages.
   */
  private static final List<String> FULL_KEYRINGS =
      List.of("debian-archive-keyring.gpg", "debian-archive-keyring.pgp");

  private static final Path KEYRING_DIRECTORY = Path.of("/usr/share/keyrings");

  private static final Set<String> SUITE_NAMES =
      Set.of(
          "buster",
          "bullseye",
          "bookworm",
          "trixie",
          "forky",
          "sid",
          "oldoldstable",
          "oldstable",
          "stable",
          "testing",
          "unstable");

  /**
   * One archive root and who signs it.
   *
   * @param uri archive root
   * @param signedBy Signed-By value; empty leaves it to the machine's trusted keys
   */
  public record Source(String uri, Optional<String> signedBy) {}

  /** Takes the archive from the options, else from the apt configuration in their apt directory. */
  public static DebianArchive find(CacheOptions options) {
    if (options.mirror().isPresent()) {
      Optional<String> keyring =
          options.keyring().map(DebianArchive::readable).or(DebianArchive::fullKeyring);
      return new DebianArchive(new Source(options.mirror().get(), keyring), Optional.empty());
    }
    List<SourceEntry> entries = readEntries(options.aptDirectory());
    SourceEntry main =
        best(entries, "debian", suite -> SUITE_NAMES.contains(suite))
            .orElseThrow(DebianArchive::none);
    Optional<SourceEntry> security =
        best(entries, "debian-security", suite -> suite.endsWith("-security"));
    return new DebianArchive(
        toSource(main, options), security.map(entry -> toSource(entry, options)));
  }

  private static ImagesException none() {
    return new ImagesException(
        ImagesException.Kind.NO_APT,
        "This machine's apt names no Debian archive: set "
            + CacheOptions.MIRROR_VARIABLE
            + " to one and "
            + CacheOptions.KEYRING_VARIABLE
            + " to Debian's keyring file.");
  }

  /** The source file that offers one suite and nothing else, in deb822(5) form. */
  String sourcesFor(Suite suite, String architecture) {
    StringBuilder text = new StringBuilder(stanza(main, suite.codename(), architecture));
    if (suite.released()) {
      security.ifPresent(
          source ->
              text.append('\n')
                  .append(stanza(source, suite.codename() + "-security", architecture)));
    }
    return text.toString();
  }

  private static String stanza(Source source, String suite, String architecture) {
    String signedBy =
        source
            .signedBy()
            .map(value -> "Signed-By:" + (value.startsWith("\n") ? "" : " ") + value + "\n")
            .orElse("");
    return "Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nArchitectures: %s\nTargets: Packages\n%s"
        .formatted(source.uri(), suite, architecture, signedBy);
  }

  private static List<SourceEntry> readEntries(Path aptDirectory) {
    List<SourceEntry> entries = new ArrayList<>();
    Path list = aptDirectory.resolve("sources.list");
    try {
      if (Files.isReadable(list)) {
        entries.addAll(SourceEntry.parseOneLine(Files.readString(list)));
      }
      Path parts = aptDirectory.resolve("sources.list.d");
      if (Files.isDirectory(parts)) {
        for (Path part : sorted(parts)) {
          if (part.toString().endsWith(".list") && Files.isReadable(part)) {
            entries.addAll(SourceEntry.parseOneLine(Files.readString(part)));
          } else if (part.toString().endsWith(".sources") && Files.isReadable(part)) {
            entries.addAll(SourceEntry.parseDeb822(Files.readString(part)));
          }
        }
      }
    } catch (IOException e) {
      throw ImagesException.io("read apt's sources in", aptDirectory, e);
    }
    return entries;
  }

  private static Set<Path> sorted(Path directory) throws IOException {
    Set<Path> files = new TreeSet<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
      stream.forEach(files::add);
    }
    return files;
  }

  /**
   * The entry that most looks like the Debian archive. Third parties use Debian's suite names too,
   * so the suite alone is not enough: the path must name the archive, or the signature must be
   * Debian's.
   */
  private static Optional<SourceEntry> best(
      List<SourceEntry> entries, String archiveName, Predicate<String> suite) {
    SourceEntry best = null;
    int bestScore = 0;
    for (SourceEntry entry : entries) {
      boolean fits =
          entry.components().contains("main")
              && entry.suites().stream().anyMatch(suite)
              && usableUri(entry).isPresent();
      int score = fits ? score(entry, archiveName) : 0;
      if (score > bestScore) {
        best = entry;
        bestScore = score;
      }
    }
    return Optional.ofNullable(best);
  }

  private static int score(SourceEntry entry, String archiveName) {
    boolean debianKey =
        entry.signedBy().filter(value -> value.contains("debian-archive-")).isPresent();
    String uri = usableUri(entry).orElse("");
    String path = uri.replaceFirst("/+$", "").replaceFirst("\\.list$", "");
    boolean lastSegment = path.endsWith("/" + archiveName);
    boolean anySegment = Arrays.asList(path.split("/")).contains(archiveName);
    return (debianKey ? 4 : 0)
        + (lastSegment ? 2 : 0)
        + (anySegment && lastSegmentIsTimestamp(path) ? 2 : 0);
  }

  /** Snapshot archives end in a time such as 20250520T000000Z. */
  private static boolean lastSegmentIsTimestamp(String path) {
    return path.substring(path.lastIndexOf('/') + 1).matches("\\d{8}T\\d{6}Z");
  }

  private static Optional<String> usableUri(SourceEntry entry) {
    return entry.uris().stream().filter(uri -> !uri.startsWith("cdrom:")).findFirst();
  }

  private static Source toSource(SourceEntry entry, CacheOptions options) {
    Optional<String> keyring =
        options.keyring().map(DebianArchive::readable).or(() -> keyringOf(entry));
    return new Source(usableUri(entry).orElseThrow(), keyring);
  }

  /**
   * A Debian key file of one release does not verify the others, so Debian's own full keyring takes
   * its place where it is installed. A key that is not Debian's (a mirror that signs again) stays
   * as it is.
   */
  private static Optional<String> keyringOf(SourceEntry entry) {
    Optional<String> own = entry.signedBy();
    boolean debianOrNone = own.isEmpty() || own.get().contains("/debian-archive-");
    return debianOrNone ? fullKeyring().or(() -> own) : own;
  }

  private static Optional<String> fullKeyring() {
    return FULL_KEYRINGS.stream()
        .map(KEYRING_DIRECTORY::resolve)
        .filter(Files::isReadable)
        .map(Path::toString)
        .findFirst();
  }

  private static String readable(Path keyring) {
    if (!Files.isReadable(keyring)) {
      throw new ImagesException(
          ImagesException.Kind.NO_APT,
          "Cannot read the keyring " + keyring + " given for the mirror.");
    }
    return keyring.toAbsolutePath().toString();
  }
}
