package dev.monoceros.images;

/**
 * One Debian package in the cache, as the signed package index describes it.
 *
 * @param name package name
 * @param version Debian version, epoch included
 * @param architecture {@code amd64}, {@code arm64} or {@code all}
 * @param suite codename of the release it was resolved in
 * @param sha256 SHA-256 of the .deb, 64 lower-case hex digits
 * @param size bytes of the .deb
 */
public record PackageInfo(
    String name, String version, String architecture, String suite, String sha256, long size) {
  /** The version without epoch and Debian revision: {@code 2.1.4} of {@code 1:2.1.4-4+b1}. */
  public String upstreamVersion() {
    String noEpoch = version.substring(version.indexOf(':') + 1);
    int revision = noEpoch.lastIndexOf('-');
    return revision < 0 ? noEpoch : noEpoch.substring(0, revision);
  }

  @Override
  public String toString() {
    return name + " " + version + " " + architecture + " (" + suite + ", sha256 " + sha256 + ")";
  }
}
