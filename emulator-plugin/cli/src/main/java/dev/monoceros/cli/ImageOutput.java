package dev.monoceros.cli;

import dev.monoceros.cli.exit.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/** The user's own copy of an image that was built: what a guest may write to. */
final class ImageOutput {
  private ImageOutput() {}

  /** Refuses a place where the image cannot go, before anything is built. */
  static void check(Path output, boolean force) {
    if (Files.isDirectory(output)) {
      throw Failure.usage("--output: " + output + " is a directory");
    }
    if (!force && Files.exists(output, LinkOption.NOFOLLOW_LINKS)) {
      throw Failure.usage(
          output + " is there already: --force replaces it, --output names another");
    }
    if (!Files.isDirectory(directory(output))) {
      throw Failure.usage("--output: there is no directory " + directory(output));
    }
  }

  /** Copies beside the place and renames, so that the output is whole or not there. */
  static void write(Path built, Path output, boolean force) throws IOException {
    Path half = Files.createTempFile(directory(output), "image-", ".new");
    try {
      Files.copy(built, half, StandardCopyOption.REPLACE_EXISTING);
      Files.setPosixFilePermissions(half, PosixFilePermissions.fromString("rw-r--r--"));
      check(output, force);
      Files.move(half, output, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(half);
    }
  }

  private static Path directory(Path output) {
    return output.toAbsolutePath().getParent();
  }
}
