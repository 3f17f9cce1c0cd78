package dev.monoceros.images.distro;

import dev.monoceros.images.ImagesException;
import dev.monoceros.images.InstallTools;
import dev.monoceros.images.Progress;
import dev.monoceros.images.StoredPackage;
import dev.monoceros.images.Suite;
import dev.monoceros.images.disk.TarWriter;
import dev.monoceros.images.tree.FileTree;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Installs a system into a tar archive with mmdebstrap, as an ordinary user where the host allows.
 *
 * @param tools the programs
 * @param confinement where they run
 * @param progress told about each package
 * @param log where everything that the programs say is kept
 */
record SystemInstaller(InstallTools tools, Confinement confinement, Progress progress, Path log) {
  private static final String SCRIPTS = "scripts";
  private static final String INSTALL = "install.sh";

  /**
   * What to install.
   *
   * @param subject its name for messages
   * @param suite where the packages come from
   * @param names packages asked for by name
   * @param packages these with all they need
   * @param rootId id of the file system that will hold the system
   * @param date of every file that the installation makes
   * @param hooks what makes a system of a kind out of the packages
   * @param files put into it, for the hooks that take any
   */
  record Plan(
      String subject,
      Suite suite,
      List<String> names,
      List<StoredPackage> packages,
      UUID rootId,
      Instant date,
      Hooks hooks,
      FileTree files) {}

  /** Scripts that mmdebstrap runs between its steps; the first is called, and may call others. */
  enum Hooks {
    /** A system on the first partition of a disk, with a getty on the serial line. */
    DISK("debian.sh"),
    /** The same without documentation and without a place for it, and with files of the caller. */
    SMALL("small.sh", "debian.sh");

    private final List<String> scripts;

    Hooks(String... scripts) {
      this.scripts = List.of(scripts);
    }

    private List<String> texts() {
      return Stream.concat(Stream.of(INSTALL), scripts.stream()).toList();
    }

    /** What shapes a system besides its packages. */
    String recipe() {
      return texts().stream().map(Resources::text).collect(Collectors.joining());
    }
  }

  /** Installs; temporary files lie in the work directory, which the caller deletes. */
  Path install(Plan plan, Path work) {
    Path tar = work.resolve("root.tar");
    try {
      Path scripts = Files.createDirectory(work.resolve(SCRIPTS));
      for (String name : plan.hooks().texts()) {
        Files.writeString(scripts.resolve(name), Resources.text(name));
      }
      try (OutputStream files = Files.newOutputStream(scripts.resolve("files.tar"))) {
        new TarWriter(plan.date().getEpochSecond()).write(plan.files(), files);
      }
      String source =
          PackageArchive.write(work.resolve("archive"), plan.suite(), plan.packages(), plan.date());
      List<String> command = new ArrayList<>(List.of("sh", scripts.resolve(INSTALL).toString()));
      command.addAll(mmdebstrap(plan, tar, source));
      ProcessBuilder builder =
          new ProcessBuilder(confinement.commandLine(command)).redirectErrorStream(true);
      // Only this reaches the maintainer scripts; nothing of the caller's environment does.
      builder.environment().clear();
      builder.environment().putAll(environment(plan, work));
      run(plan, builder);
      return tar;
    } catch (IOException e) {
      throw ImagesException.io("install a system in", work, e);
    }
  }

  private List<String> mmdebstrap(Plan plan, Path tar, String source) {
    String hook = "sh \"$MONOCEROS_SCRIPTS/" + plan.hooks().scripts.getFirst() + "\" ";
    List<String> options =
        new ArrayList<>(
            List.of(
                "--mode=root",
                "--variant=required",
                "--architectures=amd64",
                "--format=tar",
                "--verbose",
                "--aptopt=APT::Sandbox::User \"root\"",
                "--include=" + String.join(",", plan.names()),
                "--setup-hook=" + hook + "setup \"$1\"",
                "--essential-hook=" + hook + "essential \"$1\"",
                "--customize-hook=" + hook + "customize \"$1\""));
    if (confinement == Confinement.USER) {
      options.add("--skip=chroot/mount/dev");
    }
    options.addAll(List.of(plan.suite().codename(), tar.toString(), source));
    return tools.mmdebstrap().commandLine(options.toArray(String[]::new));
  }

  private Map<String, String> environment(Plan plan, Path work) {
    boolean fake = confinement == Confinement.USER;
    String faked =
        tools.faked().commandLine().stream()
            .map(SystemInstaller::quoted)
            .collect(Collectors.joining(" "));
    return Map.ofEntries(
        Map.entry("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        Map.entry("HOME", "/root"),
        Map.entry("LC_ALL", "C.UTF-8"),
        Map.entry("TMPDIR", work.toString()),
        Map.entry("DEBIAN_FRONTEND", "noninteractive"),
        Map.entry("SOURCE_DATE_EPOCH", Long.toString(plan.date().getEpochSecond())),
        Map.entry("MONOCEROS_SCRIPTS", work.resolve(SCRIPTS).toString()),
        Map.entry("MONOCEROS_ROOT_UUID", plan.rootId().toString()),
        Map.entry("MONOCEROS_SOURCES", GuestSources.of(plan.suite())),
        Map.entry("MONOCEROS_FAKED", fake ? faked : ""),
        Map.entry("MONOCEROS_LIBFAKEROOT", fake ? tools.libfakeroot().toString() : ""));
  }

  private static String quoted(String word) {
    return "'" + word.replace("'", "'\\''") + "'";
  }

  private void run(Plan plan, ProcessBuilder builder) throws IOException {
    InstallProgress steps = new InstallProgress(progress, plan.subject(), plan.packages());
    Files.createDirectories(log.getParent());
    Process process = builder.start();
    String error = "";
    try (BufferedWriter kept = Files.newBufferedWriter(log);
        BufferedReader said =
            new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      process.getOutputStream().close();
      for (String line = said.readLine(); line != null; line = said.readLine()) {
        kept.write(line);
        kept.newLine();
        steps.line(line);
        if (error.isEmpty() && line.startsWith("E: ")) {
          error = line.substring("E: ".length()).strip().replaceFirst("\\.$", "");
        }
      }
      int status = process.waitFor();
      if (status != 0) {
        throw new ImagesException(
            ImagesException.Kind.TOOL_FAILED,
            "mmdebstrap could not install "
                + plan.subject()
                + ": "
                + (error.isEmpty() ? "exit status " + status : error)
                + " (all it said is in "
                + log
                + ").");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ImagesException(
          ImagesException.Kind.TOOL_FAILED,
          "Installing " + plan.subject() + " was interrupted.",
          e);
    } finally {
      // unshare takes the whole namespace with it.
      process.destroyForcibly();
    }
  }
}
