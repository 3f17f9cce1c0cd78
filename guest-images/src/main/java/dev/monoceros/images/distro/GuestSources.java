package dev.monoceros.images.distro;

import dev.monoceros.images.Suite;

/**
 * What the guest's own apt would ask: Debian's public archive, whichever mirror the packages came
 * from, so that the mirror does not show in the image.
 */
final class GuestSources {
  private GuestSources() {}

  static String of(Suite suite) {
    String name = suite.codename();
    String archive = "deb http://deb.debian.org/debian " + name + " main\n";
    return suite.released()
        ? archive + "deb http://deb.debian.org/debian-security " + name + "-security main\n"
        : archive;
  }
}
