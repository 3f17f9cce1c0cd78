package dev.monoceros.images;

import dev.monoceros.images.apt.PackageRequest;
import dev.monoceros.images.apt.PackageRequest.Selection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The programs that install a Debian system into a directory: mmdebstrap with the Perl it is
 * written in, and fakeroot, which remembers owners and device nodes where the host's kernel may not
 * be asked for them. Of Debian 12 whatever is installed: a library of an old release runs on the
 * libc of a newer one, and libfakeroot has to run on the host's and the guest's.
 */
public final class InstallTools {
  private static final Suite RELEASE = Suite.BOOKWORM;

  private final ToolFactory perl;
  private final ToolFactory named;

  private InstallTools(ToolFactory perl, ToolFactory named) {
    this.perl = perl;
    this.named = named;
  }

  static InstallTools obtain(Acquisition acquisition, String byHand) {
    HostArch architecture = HostArch.current();
    PackageRequest programs =
        new PackageRequest(
            RELEASE, architecture, List.of("perl", "libfakeroot"), Selection.CLOSURE, byHand);
    // What else mmdebstrap depends on is apt, which the machine has.
    PackageRequest scripts =
        new PackageRequest(
            RELEASE, architecture, List.of("mmdebstrap", "fakeroot"), Selection.NAMED, byHand);
    return new InstallTools(
        new ToolFactory(acquisition.obtain(programs)),
        new ToolFactory(acquisition.obtain(scripts)));
  }

  /** mmdebstrap 1.3. */
  public Tool mmdebstrap() {
    List<String> fixed = new ArrayList<>();
    for (Path directory : perlLibraries()) {
      fixed.add("-I");
      fixed.add(directory.toString());
    }
    fixed.add(named.path("usr/bin/mmdebstrap").toString());
    Tool tool = perl.tool("bin/perl", Map.of(), fixed);
    List<PackageInfo> packages = new ArrayList<>(tool.packages());
    packages.addAll(named.packages());
    return new Tool("mmdebstrap", tool.command(), tool.environment(), packages);
  }

  /** The daemon behind {@link #libfakeroot}. */
  public Tool faked() {
    return perl.toolAt(named.path("usr/bin/faked-sysv"), Map.of(), List.of());
  }

  /** The library to be preloaded into programs that shall believe to be root. */
  public Path libfakeroot() {
    return perl.path(
        "usr/lib/" + perl.architecture().triplet() + "/libfakeroot/libfakeroot-sysv.so");
  }

  /** The parts of @INC (perlvar(1)) that lie at fixed places in an installed system. */
  private List<Path> perlLibraries() {
    Path architectural = perl.path("usr/lib/" + perl.architecture().triplet());
    List<Path> libraries = new ArrayList<>();
    libraries.addAll(versions(architectural.resolve("perl")));
    libraries.addAll(versions(perl.path("usr/share/perl")));
    libraries.add(architectural.resolve("perl-base"));
    return libraries;
  }

  private static List<Path> versions(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(Files::isDirectory).sorted().toList();
    } catch (IOException e) {
      throw ImagesException.io("list", directory, e);
    }
  }
}
