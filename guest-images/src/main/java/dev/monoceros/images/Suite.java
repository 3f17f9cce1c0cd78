package dev.monoceros.images;

/**
 * The Debian releases that packages are taken from. Each request is pinned to one of them and
 * resolved in it alone.
 */
public enum Suite {
  /** Debian 12: the guest kernel, busybox and the test oracles. */
  BOOKWORM("bookworm", true),
  /** Debian 13: mke2fs for building images, libunicorn 2.1.1. */
  TRIXIE("trixie", true),
  /** Debian testing: libunicorn 2.1.4 or newer. */
  FORKY("forky", false),
  /** Debian unstable: stands in when testing lacks a package. */
  SID("sid", false);

  private final String codename;
  private final boolean released;

  Suite(String codename, boolean released) {
    this.codename = codename;
    this.released = released;
  }

  /** The name in Debian's archive. */
  public String codename() {
    return codename;
  }

  /** Whether the release is out, and so has security updates in an archive of their own. */
  public boolean released() {
    return released;
  }
}
