package dev.monoceros.images.distro;

import dev.monoceros.images.ImagesException;
import dev.monoceros.images.PackageCache;
import dev.monoceros.images.StoredPackage;
import dev.monoceros.images.Suite;
import dev.monoceros.images.disk.TarWriter;
import dev.monoceros.images.initramfs.Initramfs;
import dev.monoceros.images.initramfs.TarToCpio;
import dev.monoceros.images.store.Sha256;
import dev.monoceros.images.tree.FileTree;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * A Debian without kernel, documentation, manuals and translations, with files of the caller in it,
 * as an initramfs or on a disk. {@code /init} leads to {@code /sbin/init}; root needs no password.
 *
 * @param suite the release
 * @param packages what is installed besides the required packages, by name
 * @param files put into the installed system; directories that are there keep their modes
 */
public record SmallDebian(Suite suite, List<String> packages, FileTree files) {
  /** Counted up whenever the same packages make other bytes. */
  private static final String RECIPE = "recipe 1";

  public SmallDebian {
    packages = List.copyOf(packages);
  }

  /**
   * The system as an uncompressed cpio archive, from the cache or built now, which takes a minute
   * or two.
   *
   * @return a read-only file in the cache
   * @throws ImagesException as {@link DebianImage#obtain}
   */
  public Path initramfs(PackageCache cache) {
    Built built = built(cache);
    return new ImageStore(cache)
        .obtain(
            name(),
            ".cpio",
            "initramfs of\n" + built.inputs(),
            (image, work) -> TarToCpio.write(built.tar(), image));
  }

  /**
   * The same system on the only partition of a QCOW2 disk, an ext4 root.
   *
   * @param sizeBytes size of the whole disk, a multiple of 1 MiB, at least {@link
   *     DebianImage#LEAST_BYTES}
   * @return a read-only file in the cache
   * @throws ImagesException as {@link DebianImage#obtain}
   */
  public Path disk(PackageCache cache, long sizeBytes) {
    RootDisk.requireSize(sizeBytes, DebianImage.LEAST_BYTES);
    Built built = built(cache);
    String inputs =
        "disk of "
            + sizeBytes
            + " bytes by "
            + cache.imageTools().mke2fs().packages()
            + " of\n"
            + built.inputs();
    return new ImageStore(cache)
        .obtain(
            name(),
            inputs,
            (image, work) ->
                new RootDisk(sizeBytes, inputs).write(cache, built.tar(), work, image));
  }

  /** An installed system and all that shaped it. */
  private record Built(Path tar, String inputs) {}

  private Built built(PackageCache cache) {
    List<StoredPackage> installed = cache.system(suite, packages);
    String inputs = inputs(cache, installed);
    Path tar =
        new ImageStore(cache)
            .obtain(
                name(), ".tar", inputs, (image, work) -> install(cache, installed, image, work));
    return new Built(tar, inputs);
  }

  private void install(PackageCache cache, List<StoredPackage> installed, Path image, Path work) {
    SystemInstaller.Plan plan =
        new SystemInstaller.Plan(
            "a small Debian " + suite.codename(),
            suite,
            packages,
            installed,
            new RootDisk(DebianImage.LEAST_BYTES, inputs(cache, installed)).rootId(),
            Instant.ofEpochSecond(Initramfs.EPOCH_SECONDS),
            SystemInstaller.Hooks.SMALL,
            files);
    Path tar =
        new SystemInstaller(
                cache.installTools(),
                Confinement.ofThisHost(),
                cache.options().progress(),
                new ImageStore(cache).log(name()))
            .install(plan, work);
    try {
      Files.move(tar, image, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw ImagesException.io("write", image, e);
    }
  }

  private String name() {
    return "small-" + suite.codename();
  }

  private String inputs(PackageCache cache, List<StoredPackage> installed) {
    List<String> lines = new ArrayList<>();
    lines.add("small Debian " + suite.codename() + ", " + RECIPE);
    lines.add("asked for: " + String.join(" ", packages));
    lines.add("files: " + digestOfFiles());
    installed.forEach(one -> lines.add(one.info().toString()));
    lines.add("made with mmdebstrap:");
    cache.installTools().mmdebstrap().packages().forEach(one -> lines.add(one.toString()));
    lines.add("scripts:");
    lines.add(SystemInstaller.Hooks.SMALL.recipe());
    return String.join("\n", lines) + "\n";
  }

  private String digestOfFiles() {
    ByteArrayOutputStream tar = new ByteArrayOutputStream();
    try {
      new TarWriter(Initramfs.EPOCH_SECONDS).write(files, tar);
      return Sha256.of(new ByteArrayInputStream(tar.toByteArray()));
    } catch (IOException e) {
      throw new ImagesException(
          ImagesException.Kind.IO, "A file cannot be read: " + e.getMessage() + ".", e);
    }
  }
}
