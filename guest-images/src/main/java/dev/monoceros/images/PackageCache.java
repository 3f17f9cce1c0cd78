package dev.monoceros.images;

import dev.monoceros.images.Acquisition.Unpacked;
import dev.monoceros.images.apt.PackageRequest;
import dev.monoceros.images.apt.PackageRequest.Selection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The project's cache of unpacked Debian packages. Everything is fetched as an ordinary user
 * through the machine's own apt, verified against the signed package index, and unpacked; nothing
 * is installed. The first use of a thing may take the network; later ones read one small file. Safe
 * for several threads and processes on the same directory.
 *
 * <p>Every method throws {@link ImagesException} with a sentence for the user.
 */
public final class PackageCache {
  /** The flavour of Debian's kernel with the fewest drivers, which suits a virtual machine. */
  public static final String CLOUD_FLAVOUR = "cloud-amd64";

  private static final String KERNEL_BY_HAND = "give a kernel with -k";
  private static final String BUSYBOX_BY_HAND = "give an initramfs with -i";
  private static final String MKE2FS_BY_HAND = "give a finished disk image with -d";
  private static final String DISK_BY_HAND = "build the image where packages can be fetched";

  private final CacheOptions options;
  private final Acquisition acquisition;

  private PackageCache(CacheOptions options) {
    this.options = options;
    this.acquisition = new Acquisition(options);
  }

  /** A cache with these options; touches neither disk nor network. */
  public static PackageCache open(CacheOptions options) {
    return new PackageCache(options);
  }

  /** What this cache was opened with. */
  public CacheOptions options() {
    return options;
  }

  /** The default guest kernel: Debian 12's cloud flavour. */
  public Kernel kernel() {
    return kernel(Suite.BOOKWORM, CLOUD_FLAVOUR);
  }

  /**
   * The kernel that the metapackage {@code linux-image-FLAVOUR} of a suite stands for, such as
   * flavour {@code amd64}.
   */
  public Kernel kernel(Suite suite, String flavour) {
    Unpacked unpacked =
        acquisition.obtain(
            new PackageRequest(
                suite,
                HostArch.AMD64,
                List.of("linux-image-" + flavour),
                Selection.KERNEL_IMAGE,
                KERNEL_BY_HAND));
    String release = unpacked.main().name().replaceFirst("^linux-image-", "");
    return new Kernel(
        release,
        file(unpacked, "boot/vmlinuz-" + release),
        file(unpacked, "usr/lib/modules/" + release),
        unpacked.main());
  }

  /** A static busybox for the guest. */
  public PackagedFile busybox() {
    Unpacked unpacked =
        acquisition.obtain(
            new PackageRequest(
                Suite.BOOKWORM,
                HostArch.AMD64,
                List.of("busybox-static"),
                Selection.NAMED,
                BUSYBOX_BY_HAND));
    return new PackagedFile(file(unpacked, "usr/bin/busybox"), unpacked.main());
  }

  /**
   * The Unicorn library for this host.
   *
   * @param version {@code 2.1.4} (the reference; a newer release of Debian's may come instead) or
   *     {@code 2.1.1}
   */
  public PackagedFile libunicorn(String version) {
    return UnicornPackages.obtain(acquisition, version);
  }

  /** The programs that build images, of one pinned release whatever the host runs. */
  public ImageTools imageTools() {
    Unpacked unpacked =
        acquisition.obtain(
            new PackageRequest(
                Suite.TRIXIE,
                HostArch.current(),
                List.of("e2fsprogs", "libarchive13t64"),
                Selection.CLOSURE,
                MKE2FS_BY_HAND));
    return new ImageTools(new ToolFactory(unpacked));
  }

  /**
   * What a system of a suite is installed from: these packages, every one that is essential or of
   * priority "required", and everything they depend on. Nothing is unpacked.
   *
   * @param names Debian package names, at least one
   * @throws ImagesException BAD_INPUT when one is no package name, FETCH_FAILED when the suite has
   *     no such package
   */
  public List<StoredPackage> system(Suite suite, List<String> names) {
    return acquisition.packages(guestPackages(suite, names, Selection.SYSTEM));
  }

  /** These packages of the guest alone, unpacked. */
  public UnpackedPackages unpacked(Suite suite, List<String> names) {
    Unpacked found = acquisition.obtain(guestPackages(suite, names, Selection.NAMED));
    return new UnpackedPackages(found.tree(), found.packages());
  }

  /** These packages of the guest and everything they depend on, unpacked. */
  public UnpackedPackages unpackedWithDependencies(Suite suite, List<String> names) {
    Unpacked found = acquisition.obtain(guestPackages(suite, names, Selection.CLOSURE));
    return new UnpackedPackages(found.tree(), found.packages());
  }

  private static PackageRequest guestPackages(
      Suite suite, List<String> names, Selection selection) {
    for (String name : names) {
      if (!PackageRequest.isPackageName(name)) {
        throw new ImagesException(
            ImagesException.Kind.BAD_INPUT, "'" + name + "' is not the name of a Debian package.");
      }
    }
    return new PackageRequest(suite, HostArch.AMD64, names, selection, DISK_BY_HAND);
  }

  /** The programs that install a system without being root. */
  public InstallTools installTools() {
    return InstallTools.obtain(acquisition, DISK_BY_HAND);
  }

  /** The independent programs that tests measure this project against. */
  public Oracles oracles() {
    return new Oracles(acquisition);
  }

  /** What is in the cache, by key in alphabetical order. */
  public List<CachedRequest> list() {
    return acquisition.list();
  }

  /**
   * Hashes every stored package again.
   *
   * @return the damaged ones; they have been removed and are fetched again when next needed
   */
  public List<PackageInfo> verify() {
    return acquisition.verify();
  }

  /** Deletes everything the cache holds; the directory and its lock stay. */
  public void clear() {
    acquisition.clear();
  }

  /**
   * Forgets what was resolved, so that everything is resolved anew against fresh package indexes
   * when next asked for.
   */
  public void forget() {
    acquisition.forget();
  }

  static Path file(Unpacked unpacked, String name) {
    Path file = unpacked.tree().resolve(name);
    if (!Files.exists(file)) {
      throw new ImagesException(
          ImagesException.Kind.BAD_INPUT,
          "The package "
              + unpacked.main().name()
              + " "
              + unpacked.main().version()
              + " has no "
              + name
              + ".");
    }
    return file;
  }
}
