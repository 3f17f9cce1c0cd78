package dev.monoceros.images;

import dev.monoceros.images.apt.AptTree;
import dev.monoceros.images.apt.PackageRequest;
import dev.monoceros.images.apt.PackageRequest.Selection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Somebody else's programs, of Debian 12 whatever the host runs, that tests compare this project
 * with. Each group of programs is fetched when first asked for.
 */
public final class Oracles {
  private static final List<String> MAIN_PACKAGES =
      List.of("qemu-utils", "qemu-system-x86", "qemu-user", "e2fsprogs", "acpica-tools", "tcc");

  private final Acquisition acquisition;

  Oracles(Acquisition acquisition) {
    this.acquisition = acquisition;
  }

  /**
   * Why oracles cannot be had here: no apt, and not all of them in the cache. Tests that need one
   * abort with this reason and print it after {@code ORACLES MISSING: }; in CI that is a failure.
   */
  public static Optional<String> missing(PackageCache cache) {
    return AptTree.available() || cache.oracles().allCached()
        ? Optional.empty()
        : Optional.of("this machine has no apt-get to fetch test oracles with");
  }

  private boolean allCached() {
    return MAIN_PACKAGES.stream().allMatch(name -> acquisition.isReady(request(name)));
  }

  /** qemu-img 7.2. */
  public Tool qemuImg() {
    return qemuUtils("qemu-img");
  }

  /** qemu-io 7.2. */
  public Tool qemuIo() {
    return qemuUtils("qemu-io");
  }

  /** qemu-nbd 7.2. */
  public Tool qemuNbd() {
    return qemuUtils("qemu-nbd");
  }

  /**
   * qemu-system-x86_64 7.2 with its modules and firmware; use {@code -accel tcg}, and {@code -nic
   * none} unless a ROM is wanted.
   */
  public Tool qemuSystem() {
    ToolFactory factory = closure("qemu-system-x86");
    return factory.tool(
        "bin/qemu-system-x86_64",
        Map.of(
            "QEMU_MODULE_DIR",
            factory.path("usr/lib/" + factory.architecture().triplet() + "/qemu").toString()),
        List.of(
            "-L",
            factory.path("usr/share/seabios").toString(),
            "-L",
            factory.path("usr/share/qemu").toString(),
            "-L",
            factory.path("usr/lib/ipxe/qemu").toString()));
  }

  /** qemu-aarch64 7.2, which runs Linux programs of that architecture. */
  public Tool qemuAarch64() {
    return closure("qemu-user").tool("bin/qemu-aarch64", Map.of(), List.of());
  }

  /** e2fsck of e2fsprogs 1.47.0. */
  public Tool e2fsck() {
    return e2fsprogs("e2fsck");
  }

  /** mke2fs of e2fsprogs 1.47.0; the image builders use another release's. */
  public Tool mke2fs() {
    return e2fsprogs("mke2fs");
  }

  /** debugfs of e2fsprogs 1.47.0. */
  public Tool debugfs() {
    return e2fsprogs("debugfs");
  }

  /** dumpe2fs of e2fsprogs 1.47.0. */
  public Tool dumpe2fs() {
    return e2fsprogs("dumpe2fs");
  }

  /** Intel's ACPI compiler and disassembler. */
  public Tool iasl() {
    return closure("acpica-tools").tool("bin/iasl", Map.of(), List.of());
  }

  /** ACPICA's interpreter, which evaluates objects of a table. */
  public Tool acpiexec() {
    return closure("acpica-tools").tool("bin/acpiexec", Map.of(), List.of());
  }

  /** GNU cpio. */
  public Tool cpio() {
    return closure("cpio").tool("bin/cpio", Map.of(), List.of());
  }

  /** depmod of kmod 30. */
  public Tool depmod() {
    return closure("kmod").tool("bin/kmod", Map.of(), List.of()).named("depmod");
  }

  /** The Tiny C Compiler 0.9.27, for programs without an operating system; of x86-64 hosts only. */
  public Tool tcc() {
    return tcc("tcc");
  }

  /** The same for 32-bit x86. */
  public Tool tcc32() {
    return tcc("i386-tcc");
  }

  private Tool tcc(String name) {
    ToolFactory factory = closure("tcc");
    String own = factory.path("usr/lib/" + factory.architecture().triplet() + "/tcc").toString();
    return factory.tool("bin/" + name, Map.of(), List.of("-B" + own));
  }

  /** sfdisk, to read partition tables. */
  public Tool sfdisk() {
    return closure("fdisk").tool("sbin/sfdisk", Map.of(), List.of());
  }

  private Tool qemuUtils(String name) {
    ToolFactory factory = closure("qemu-utils");
    return factory.tool(
        "bin/" + name,
        Map.of(
            "QEMU_MODULE_DIR",
            factory.path("usr/lib/" + factory.architecture().triplet() + "/qemu").toString()),
        List.of());
  }

  private Tool e2fsprogs(String name) {
    return ImageTools.E2fsprogs.tool(closure("e2fsprogs"), name);
  }

  private ToolFactory closure(String name) {
    return new ToolFactory(acquisition.obtain(request(name)));
  }

  private static PackageRequest request(String name) {
    return new PackageRequest(
        Suite.BOOKWORM,
        HostArch.current(),
        List.of(name),
        Selection.CLOSURE,
        "tests that compare with " + name + " cannot run");
  }
}
