package dev.monoceros.images.distro;

import dev.monoceros.images.ImagesException;
import dev.monoceros.images.PackageCache;
import dev.monoceros.images.StoredPackage;
import dev.monoceros.images.Suite;
import dev.monoceros.images.Tool;
import dev.monoceros.images.initramfs.Initramfs;
import dev.monoceros.images.tree.FileTree;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A minimal Debian with systemd on a disk with a GPT whose only partition is an ext4 root, /boot in
 * it. Root logs in on the serial console without a password. There is no boot loader: {@code
 * /vmlinuz} and {@code /initrd.img} lead to the kernel and its initrd.
 *
 * @param suite the release
 * @param kernel which kernel
 * @param packages what is installed besides what boots, by name
 * @param sizeBytes size of the whole disk, a multiple of 1 MiB, at least {@link #LEAST_BYTES}
 */
public record DebianImage(
    Suite suite, KernelFlavour kernel, List<String> packages, long sizeBytes) {
  /** What compiles, traces and measures: the default besides what boots. */
  public static final List<String> TOOLS =
      List.of(
          "fio",
          "gcc",
          "gdb",
          "hdparm",
          "less",
          "libc6-dev",
          "make",
          "pciutils",
          "perl",
          "psmisc",
          "python3-minimal",
          "strace",
          "stress-ng",
          "vim-tiny");

  /** The default size: 4 GiB, of which the file takes what is written. */
  public static final long DEFAULT_BYTES = 4L << 30;

  /** Half a GiB. */
  public static final long LEAST_BYTES = 512L << 20;

  /** Counted up whenever the same packages make other bytes. */
  private static final String RECIPE = "recipe 1";

  /** What a Debian with systemd needs to boot from a virtio disk and to be logged in to. */
  private static final List<String> BASE =
      List.of(
          "apt",
          "dbus",
          "e2fsprogs",
          "init",
          "initramfs-tools",
          "iproute2",
          "kmod",
          "libpam-systemd",
          "logsave",
          "login",
          "mount",
          "passwd",
          "procps",
          "systemd-sysv",
          "udev",
          "zstd");

  public DebianImage {
    packages = List.copyOf(packages);
    RootDisk.requireSize(sizeBytes, LEAST_BYTES);
  }

  /**
   * The disk in QCOW2, from the cache or built now, which takes minutes. The same packages and
   * options give the same bytes on every host.
   *
   * @return a read-only file in the cache
   * @throws ImagesException HOST when the host allows no way to install, FETCH_FAILED for a package
   *     that the suite does not have, TOOL_FAILED when it does not fit
   */
  public Path obtain(PackageCache cache) {
    List<StoredPackage> installed = cache.system(suite, names());
    return new ImageStore(cache)
        .obtain(
            name(),
            inputs(cache, installed),
            (image, work) -> build(cache, Confinement.ofThisHost(), image, work));
  }

  private String name() {
    return "debian-" + suite.codename() + "-" + kernel.name().toLowerCase(Locale.ROOT);
  }

  private List<String> names() {
    Set<String> names = new LinkedHashSet<>();
    names.add(kernel.metapackage());
    names.addAll(BASE);
    names.addAll(packages);
    return List.copyOf(names);
  }

  /** Builds it without looking into the cache for it. */
  void build(PackageCache cache, Confinement confinement, Path image, Path work) {
    List<StoredPackage> installed = cache.system(suite, names());
    String inputs = inputs(cache, installed);
    RootDisk disk = new RootDisk(sizeBytes, inputs);
    Path tar =
        new SystemInstaller(
                cache.installTools(),
                confinement,
                cache.options().progress(),
                new ImageStore(cache).log(name()))
            .install(
                new SystemInstaller.Plan(
                    "Debian " + suite.codename(),
                    suite,
                    names(),
                    installed,
                    disk.rootId(),
                    Instant.ofEpochSecond(Initramfs.EPOCH_SECONDS),
                    SystemInstaller.Hooks.DISK,
                    FileTree.builder().build()),
                work);
    disk.write(cache, tar, work, image);
  }

  private String inputs(PackageCache cache, List<StoredPackage> installed) {
    List<String> lines = new ArrayList<>();
    lines.add("Debian " + suite.codename() + ", " + sizeBytes + " bytes, " + RECIPE);
    lines.add("asked for: " + String.join(" ", names()));
    installed.forEach(one -> lines.add(one.info().toString()));
    for (Tool tool : List.of(cache.installTools().mmdebstrap(), cache.imageTools().mke2fs())) {
      lines.add("made with " + tool.name() + ":");
      tool.packages().forEach(one -> lines.add(one.toString()));
    }
    lines.add("scripts:");
    lines.add(SystemInstaller.Hooks.DISK.recipe());
    return String.join("\n", lines) + "\n";
  }
}
