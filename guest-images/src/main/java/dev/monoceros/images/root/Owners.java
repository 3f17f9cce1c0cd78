package dev.monoceros.images.root;

import dev.monoceros.images.ImagesException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Who owns a file in the guest: what belongs to the user who runs this belongs to root there, what
 * belongs to others keeps its number. So the same directory gives the same image whoever has it.
 *
 * @param uid the user's
 * @param gid the user's
 */
record Owners(int uid, int gid) {
  /** Those of this process, which owns its own directory in /proc. */
  static Owners ofProcess() {
    Path self = Path.of("/proc/self");
    try {
      return new Owners(
          (Integer) Files.getAttribute(self, "unix:uid"),
          (Integer) Files.getAttribute(self, "unix:gid"));
    } catch (IOException e) {
      throw ImagesException.io("find out the user from", self, e);
    }
  }

  int user(int host) {
    return host == uid ? 0 : host;
  }

  int group(int host) {
    return host == gid ? 0 : host;
  }
}
