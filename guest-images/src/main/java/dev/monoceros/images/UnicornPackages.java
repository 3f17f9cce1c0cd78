package dev.monoceros.images;

import dev.monoceros.images.Acquisition.Unpacked;
import dev.monoceros.images.apt.PackageRequest;
import dev.monoceros.images.apt.PackageRequest.Selection;
import java.util.List;

/** Which Debian release carries which libunicorn. */
final class UnicornPackages {
  private static final String PACKAGE = "libunicorn2t64";
  private static final String BY_HAND =
      "give libunicorn 2.1.4 or newer by setting MONOCEROS_UNICORN to its file";
  private static final String REFERENCE = "2.1.4";
  private static final String ALTERNATIVE = "2.1.1";

  private UnicornPackages() {}

  static PackagedFile obtain(Acquisition acquisition, String version) {
    return switch (version) {
      case REFERENCE -> reference(acquisition);
      case ALTERNATIVE -> checked(obtain(acquisition, Suite.TRIXIE), version, false);
      default ->
          throw new ImagesException(
              ImagesException.Kind.BAD_INPUT,
              "libunicorn "
                  + version
                  + " cannot be fetched: there are "
                  + REFERENCE
                  + " and "
                  + ALTERNATIVE
                  + ".");
    };
  }

  /** Testing may lose a package for a while; unstable keeps it. */
  private static PackagedFile reference(Acquisition acquisition) {
    try {
      return checked(obtain(acquisition, Suite.FORKY), REFERENCE, true);
    } catch (ImagesException e) {
      if (e.kind() != ImagesException.Kind.FETCH_FAILED) {
        throw e;
      }
      try {
        return checked(obtain(acquisition, Suite.SID), REFERENCE, true);
      } catch (ImagesException second) {
        e.addSuppressed(second);
        throw e;
      }
    }
  }

  private static Unpacked obtain(Acquisition acquisition, Suite suite) {
    return acquisition.obtain(
        new PackageRequest(suite, HostArch.current(), List.of(PACKAGE), Selection.NAMED, BY_HAND));
  }

  private static PackagedFile checked(Unpacked unpacked, String version, boolean newerToo) {
    String found = unpacked.main().upstreamVersion();
    int order = compare(found, version);
    if (order < 0 || (order > 0 && !newerToo)) {
      throw new ImagesException(
          ImagesException.Kind.FETCH_FAILED,
          "Debian "
              + unpacked.main().suite()
              + " has libunicorn "
              + found
              + ", not "
              + version
              + ".");
    }
    return new PackagedFile(
        PackageCache.file(unpacked, "usr/lib/" + HostArch.current().triplet() + "/libunicorn.so.2"),
        unpacked.main());
  }

  /** Compares dotted numbers; text after the digits of a part (rc1, +dfsg) does not count. */
  static int compare(String left, String right) {
    String[] a = left.split("\\.");
    String[] b = right.split("\\.");
    for (int i = 0; i < Math.max(a.length, b.length); i++) {
      int order = Long.compare(number(a, i), number(b, i));
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }

  private static long number(String[] parts, int i) {
    String digits = i < parts.length ? parts[i].replaceFirst("\\D.*$", "") : "";
    return digits.isEmpty() ? 0 : Long.parseLong(digits);
  }
}
