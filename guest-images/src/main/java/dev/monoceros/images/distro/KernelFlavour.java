package dev.monoceros.images.distro;

/** Which of Debian's kernels a disk gets. */
public enum KernelFlavour {
  /** The one with the fewest drivers, for virtual machines. */
  CLOUD("linux-image-cloud-amd64"),
  /** The one for every PC. */
  GENERIC("linux-image-amd64");

  private final String metapackage;

  KernelFlavour(String metapackage) {
    this.metapackage = metapackage;
  }

  /** The package that depends on the newest kernel of this flavour. */
  String metapackage() {
    return metapackage;
  }
}
