package dev.monoceros.images.apt;

import dev.monoceros.images.HostArch;
import dev.monoceros.images.Suite;
import dev.monoceros.images.store.Sha256;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A set of packages wanted from one suite.
 *
 * @param suite where they are resolved; no other suite is consulted
 * @param architecture of the packages
 * @param names packages by name, in the order in which they are unpacked
 * @param selection what to take besides the named ones
 * @param byHand what the user can give instead, as the end of a sentence
 */
public record PackageRequest(
    Suite suite, HostArch architecture, List<String> names, Selection selection, String byHand) {
  private static final Pattern PACKAGE_NAME = Pattern.compile("[a-z0-9][a-z0-9+.-]+");

  /** Where in a key the package names begin. */
  private static final int NAMES_AT = 3;

  /** File names end at 255 bytes; beyond this the names after the first become their digest. */
  private static final int LONGEST_NAMES = 160;

  /** What a request takes. */
  public enum Selection {
    /**
     * The named packages and everything they depend on, libc included: what a program needs to run
     * by itself.
     */
    CLOSURE,
    /** The named packages alone. */
    NAMED,
    /**
     * Of the closure, the kernel image with a version in its name, which the named metapackage
     * stands for.
     */
    KERNEL_IMAGE,
    /**
     * What a system is installed from: the named packages, every one that is essential or of
     * priority "required", and everything they depend on.
     */
    SYSTEM
  }

  public PackageRequest {
    names = List.copyOf(names);
    for (String name : names) {
      if (!isPackageName(name)) {
        throw new IllegalArgumentException("not a Debian package name: " + name);
      }
    }
  }

  /** Whether a text can name a package (Debian policy, 5.6.7). */
  public static boolean isPackageName(String text) {
    return PACKAGE_NAME.matcher(text).matches();
  }

  /**
   * The first package name of a {@link #key}; names and the other parts have no underscore in them.
   */
  public static String firstNameOf(String key) {
    String[] parts = key.split("_");
    return parts.length > NAMES_AT ? parts[NAMES_AT] : key;
  }

  /** A file name for this request: the same packages of the same suite give the same key. */
  public String key() {
    return selection.name().toLowerCase(Locale.ROOT).replace('_', '-')
        + "_"
        + suite.codename()
        + "_"
        + architecture.debianName()
        + "_"
        + joinedNames();
  }

  private String joinedNames() {
    String joined = String.join("_", names);
    return joined.length() <= LONGEST_NAMES
        ? joined
        : names.getFirst() + "_" + Sha256.of(joined).substring(0, 16);
  }

  /** The wanted packages for messages: {@code busybox-static of bookworm}. */
  public String describe() {
    return String.join(", ", names) + " of " + suite.codename();
  }
}
