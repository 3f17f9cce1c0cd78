package dev.monoceros.cli;

import dev.monoceros.images.CacheOptions;
import dev.monoceros.images.ImagesException;
import dev.monoceros.images.PackageCache;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.opentest4j.TestAbortedException;

/** Aborts tests that boot where libunicorn cannot be had, in a line that CI takes for a failure. */
final class LibraryRequired implements BeforeAllCallback {
  @Override
  public void beforeAll(ExtensionContext context) {
    if (System.getProperty("monoceros.unicorn") != null
        || System.getenv("MONOCEROS_UNICORN") != null) {
      return;
    }
    try {
      PackageCache.open(CacheOptions.defaults()).libunicorn("2.1.4");
    } catch (ImagesException e) {
      String message =
          "ORACLES MISSING: " + context.getDisplayName() + " cannot run: " + e.getMessage();
      System.err.println(message);
      if ("true".equals(System.getenv("CI"))) {
        throw new AssertionError(message, e);
      }
      throw new TestAbortedException(message, e);
    }
  }
}
