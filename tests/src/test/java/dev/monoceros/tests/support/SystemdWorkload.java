package dev.monoceros.tests.support;

import dev.monoceros.images.Suite;
import dev.monoceros.images.distro.SmallDebian;
import dev.monoceros.images.tree.FileTree;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * Reference workload W2: a Debian 12 that starts systemd, waits until it is "running", computes in
 * Python and Perl, exercises signals, verifies its packages, prints ALL-OK and powers off.
 */
public final class SystemdWorkload {
  /** What it computes, the same on every correct machine. */
  public static final List<String> ANSWERS =
      List.of(
          "PY 7d3333c01c67da082c218fe8597b8659941459a9832c3d80ebce22d5fd711ebe 317",
          "PERL 9776283238350");

  /** Its last line. */
  public static final String DONE = "ALL-OK";

  /** Memory that holds the initramfs twice, as an archive and unpacked. */
  public static final int MEMORY_MIB = 1500;

  /** The command line of the initramfs. */
  public static final String INITRAMFS_COMMAND_LINE =
      Guests.W1_COMMAND_LINE + " rdinit=/sbin/init systemd.unit=multi-user.target";

  /** The command line of the disk, whose drivers are loaded by {@link Guests#rootInitrd}. */
  public static final String DISK_COMMAND_LINE =
      Guests.W1_COMMAND_LINE + " root=/dev/vda1 rw systemd.unit=multi-user.target";

  private static final long DISK_BYTES = 1L << 30;
  private static final List<String> PACKAGES =
      List.of("apt", "dbus", "perl-base", "procps", "python3-minimal", "systemd-sysv", "udev");

  private SystemdWorkload() {}

  /** The initramfs, in the package cache. */
  public static Path initramfs() {
    return system().initramfs(Guests.cache());
  }

  /** The QCOW2 disk, in the package cache; not to be written. */
  public static Path disk() {
    return system().disk(Guests.cache(), DISK_BYTES);
  }

  private static SmallDebian system() {
    FileTree files =
        FileTree.builder()
            .file("root/test.sh", text("test.sh"), 0755)
            .file("etc/systemd/system/boottest.service", text("boottest.service"), 0644)
            .symlink(
                "etc/systemd/system/multi-user.target.wants/boottest.service",
                "/etc/systemd/system/boottest.service")
            .build();
    return new SmallDebian(Suite.BOOKWORM, PACKAGES, files);
  }

  private static String text(String name) {
    try (InputStream stream =
        SystemdWorkload.class.getResourceAsStream("/dev/monoceros/tests/w2/" + name)) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
