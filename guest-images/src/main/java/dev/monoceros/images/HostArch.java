package dev.monoceros.images;

import java.util.Locale;

/**
 * Debian's names for a processor architecture. Guest packages are always {@link #AMD64}; host ones
 * follow the JVM.
 */
public enum HostArch {
  /** x86-64. */
  AMD64("amd64", "x86_64-linux-gnu", "ld-linux-x86-64.so.2"),
  /** 64-bit Arm. */
  ARM64("arm64", "aarch64-linux-gnu", "ld-linux-aarch64.so.1");

  private final String debianName;
  private final String triplet;
  private final String loader;

  HostArch(String debianName, String triplet, String loader) {
    this.debianName = debianName;
    this.triplet = triplet;
    this.loader = loader;
  }

  /** The architecture of the running JVM. */
  public static HostArch current() {
    String name = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    return switch (name) {
      case "amd64", "x86_64" -> AMD64;
      case "aarch64", "arm64" -> ARM64;
      default ->
          throw new ImagesException(
              ImagesException.Kind.NO_APT,
              "Packages can be fetched on amd64 and arm64 hosts only; this one is " + name + ".");
    };
  }

  /** Debian's name, such as {@code amd64}. */
  public String debianName() {
    return debianName;
  }

  /** The multiarch directory name, such as {@code x86_64-linux-gnu}. */
  public String triplet() {
    return triplet;
  }

  /** The file name of the dynamic loader. */
  public String loader() {
    return loader;
  }
}
