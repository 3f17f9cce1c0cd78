package dev.monoceros.images.bootdisk;

import dev.monoceros.images.disk.DiskSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The Linux that a disk would boot by default, taken out of it. Nothing on the disk is changed.
 *
 * @param origin where it says so, for people: an entry of a boot loader, a link, a version
 * @param kernel the kernel
 * @param initrds its initial RAM disks in their order; none when the entry names none
 * @param commandLine the entry's command line, with a root= in any case
 * @param root the root file system, if it can be read
 * @param rootDevice the guest's name of that, for messages
 */
public record BootDisk(
    String origin,
    Content kernel,
    List<Content> initrds,
    String commandLine,
    Optional<DiskSource> root,
    String rootDevice) {
  /** GRUB's directory on a root file system, and on one that is mounted at /boot. */
  private static final List<String> GRUB_DIRECTORIES =
      List.of("/boot/grub", "/boot/grub2", "/grub", "/grub2");

  /**
   * A file of the disk.
   *
   * @param device the guest's name of its file system, such as /dev/vda1
   * @param path its path there, without links
   * @param bytes what is in it
   */
  @SuppressWarnings("ArrayRecordComponent")
  public record Content(String device, String path, byte[] bytes) {}

  public BootDisk {
    initrds = List.copyOf(initrds);
  }

  /**
   * Looks into a disk, in this order: a grub.cfg, entries of the Boot Loader Specification, the
   * links /vmlinuz and /initrd.img, the newest /boot/vmlinuz-VERSION.
   *
   * @param device the guest's name of the disk, such as /dev/vda
   * @throws NoKernelException when there is no kernel, or what boots by default cannot be told
   * @throws IOException when the disk cannot be read, or a file system is damaged
   */
  public static BootDisk find(DiskSource disk, String device)
      throws IOException, NoKernelException {
    Volumes volumes = Volumes.of(disk, device);
    BootEntry entry = entry(volumes).orElseThrow(() -> nothing(volumes, device));
    Optional<Volume> root = volumes.root();
    List<Content> initrds = new ArrayList<>();
    for (Volume.File initrd : entry.initrds()) {
      initrds.add(content(initrd));
    }
    return new BootDisk(
        Printable.of(entry.origin()),
        content(entry.kernel()),
        initrds,
        commandLine(entry, root),
        root.map(Volume::bytes),
        root.map(Volume::device).orElse(device));
  }

  private static Optional<BootEntry> entry(Volumes volumes) throws IOException, NoKernelException {
    for (Volume volume : volumes.readable()) {
      for (String directory : GRUB_DIRECTORIES) {
        Optional<BootEntry> entry = GrubConfig.read(volumes, volume, directory);
        if (entry.isPresent()) {
          return entry;
        }
      }
    }
    for (Volume volume : volumes.readable()) {
      for (String boot : List.of("/boot/", "/")) {
        Optional<LoaderEntries> entries = LoaderEntries.in(volume, boot);
        if (entries.isPresent()) {
          return Optional.of(entries.get().byDefault("", text -> text));
        }
      }
    }
    for (Volume volume : volumes.readable()) {
      Optional<BootEntry> linked = InstalledKernels.linked(volume);
      if (linked.isPresent()) {
        return linked;
      }
    }
    for (Volume volume : volumes.readable()) {
      Optional<BootEntry> newest = InstalledKernels.newest(volume);
      if (newest.isPresent()) {
        return newest;
      }
    }
    return Optional.empty();
  }

  private static NoKernelException nothing(Volumes volumes, String device) {
    String why = volumes.others().isEmpty() ? "" : ": " + String.join(", and ", volumes.others());
    return new NoKernelException(
        volumes.readable().isEmpty()
            ? "%s has no Linux file system that could be read for a kernel%s; name one with -k"
                .formatted(device, why)
            : "no kernel was found on %s (no grub.cfg, no loader entries, no /vmlinuz, no /boot/vmlinuz-*)%s; name one with -k"
                .formatted(
                    String.join(", ", volumes.readable().stream().map(Volume::device).toList()),
                    why));
  }

  private static String commandLine(BootEntry entry, Optional<Volume> root) {
    boolean named = (" " + entry.options()).contains(" root=");
    if (named || root.isEmpty()) {
      return entry.options();
    }
    boolean mode = (" " + entry.options() + " ").matches(".* r[ow] .*");
    String options = root.get().rootParameter() + (mode ? "" : " ro") + " " + entry.options();
    return options.strip();
  }

  private static Content content(Volume.File file) throws IOException {
    byte[] bytes = file.volume().files().read(file.path()).orElseThrow();
    return new Content(file.volume().device(), Printable.of(file.path()), bytes);
  }
}
