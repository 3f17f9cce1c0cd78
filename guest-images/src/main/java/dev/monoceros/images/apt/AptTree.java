package dev.monoceros.images.apt;

import dev.monoceros.images.HostArch;
import dev.monoceros.images.ImagesException;
import dev.monoceros.images.PackageInfo;
import dev.monoceros.images.Progress;
import dev.monoceros.images.Suite;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * apt's private world for one suite and architecture: its own source list, index, archive directory
 * and an empty status file, all below one directory of the cache. Signatures are verified by apt
 * against the keyring of the archive. One user at a time: the caller holds the cache's lock.
 */
public final class AptTree {
  private static final DoubleConsumer SILENT = percent -> {};

  /**
   * {@code 'uri' file size SHA256:hex}, as apt-get prints with --print-uris under
   * Acquire::ForceHash.
   */
  private static final Pattern URI_LINE =
      Pattern.compile("'[^']*' (\\S+_\\S+_\\S+\\.deb) (\\d+) SHA256:([0-9a-f]{64})");

  private final Path root;
  private final Suite suite;
  private final HostArch architecture;
  private final DebianArchive archive;
  private final Progress progress;

  /** A tree below {@code root}, which need not exist. */
  public AptTree(
      Path root, Suite suite, HostArch architecture, DebianArchive archive, Progress progress) {
    this.root = root;
    this.suite = suite;
    this.architecture = architecture;
    this.archive = archive;
    this.progress = progress;
  }

  /** Whether this machine has apt at all. */
  public static boolean available() {
    return AptProcess.available();
  }

  /** Whether an index has been fetched before. */
  public boolean hasIndex() {
    return Files.exists(root.resolve("indexed"));
  }

  /** Fetches and verifies the suite's package index. */
  public void update() {
    writeConfiguration();
    progress.update(Progress.Phase.INDEX, suite.codename(), 0, -1);
    AptProcess.Result result =
        apt()
            .run(
                List.of("-q", "-o", "APT::Status-Fd=1", "update"),
                percent -> progress.update(Progress.Phase.INDEX, suite.codename(), 0, -1));
    if (result.exit() != 0) {
      throw failed("apt could not fetch the package index of " + suite.codename(), result);
    }
    try {
      Files.writeString(root.resolve("indexed"), "");
    } catch (IOException e) {
      throw ImagesException.io("write", root, e);
    }
  }

  /**
   * Resolves a request against the index; the result is in apt's own installation order,
   * dependencies first.
   */
  public List<PackageInfo> resolve(PackageRequest request) {
    writeConfiguration();
    String verb = request.selection() == PackageRequest.Selection.NAMED ? "download" : "install";
    List<String> arguments = new ArrayList<>(List.of("-qq", "--print-uris", verb));
    if (request.selection() == PackageRequest.Selection.SYSTEM) {
      // apt-patterns(7); apt knows no other name for these sets.
      arguments.addAll(List.of("?essential", "?priority(^required$)"));
    }
    arguments.addAll(request.names());
    AptProcess.Result result = apt().run(arguments, SILENT);
    if (result.exit() != 0) {
      throw failed("apt could not resolve " + request.describe(), result);
    }
    List<PackageInfo> packages =
        result.lines().stream()
            .map(URI_LINE::matcher)
            .filter(Matcher::matches)
            .map(this::toPackage)
            .filter(found -> wanted(request, found))
            .toList();
    if (packages.isEmpty()) {
      throw new ImagesException(
          ImagesException.Kind.FETCH_FAILED, "apt knows no " + request.describe() + ".");
    }
    return packages;
  }

  private static boolean wanted(PackageRequest request, PackageInfo found) {
    return request.selection() != PackageRequest.Selection.KERNEL_IMAGE
        || found.name().matches("linux-image-\\d.*");
  }

  private PackageInfo toPackage(Matcher line) {
    String[] name =
        line.group(1).substring(0, line.group(1).length() - ".deb".length()).split("_", 3);
    // apt writes an epoch's colon as %3a; '+' stands for itself, which URLDecoder would take for a
    // blank.
    String version = URLDecoder.decode(name[1].replace("+", "%2B"), StandardCharsets.UTF_8);
    return new PackageInfo(
        name[0], version, name[2], suite.codename(), line.group(3), Long.parseLong(line.group(2)));
  }

  /**
   * Downloads exactly these packages into an empty directory; apt checks each against the signed
   * index.
   */
  public void download(List<PackageInfo> packages, Path into) {
    writeConfiguration();
    long total = packages.stream().mapToLong(PackageInfo::size).sum();
    String subject =
        packages.size() == 1 ? packages.getFirst().name() : packages.size() + " packages";
    progress.update(Progress.Phase.DOWNLOAD, subject, 0, total);
    List<String> arguments = new ArrayList<>(List.of("-q", "-o", "APT::Status-Fd=1", "download"));
    packages.forEach(wanted -> arguments.add(wanted.name() + "=" + wanted.version()));
    AptProcess.Result result =
        new AptProcess(configuration(), into)
            .run(
                arguments,
                percent ->
                    progress.update(
                        Progress.Phase.DOWNLOAD,
                        subject,
                        Math.round(total * percent / 100),
                        total));
    if (result.exit() != 0) {
      throw failed("apt could not fetch " + subject + " of " + suite.codename(), result);
    }
    progress.update(Progress.Phase.DOWNLOAD, subject, total, total);
  }

  private AptProcess apt() {
    return new AptProcess(configuration(), root);
  }

  private Path configuration() {
    return root.resolve("apt.conf");
  }

  private static ImagesException failed(String what, AptProcess.Result result) {
    String reason = result.error().orElse("exit status " + result.exit()).replaceFirst("\\.$", "");
    return new ImagesException(ImagesException.Kind.FETCH_FAILED, what + ": " + reason + ".");
  }

  private void writeConfiguration() {
    try {
      Files.createDirectories(root.resolve("lists/partial"));
      Files.createDirectories(root.resolve("archives/partial"));
      Files.writeString(root.resolve("status"), "");
      Files.writeString(
          root.resolve("debian.sources"), archive.sourcesFor(suite, architecture.debianName()));
      Files.writeString(configuration(), AptConfiguration.text(root, architecture.debianName()));
    } catch (IOException e) {
      throw ImagesException.io("prepare apt's directories in", root, e);
    }
  }
}
