package dev.monoceros.tests.support;

import dev.monoceros.images.ImagesException;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.opentest4j.TestAbortedException;

/**
 * Aborts tests where the packages they need can be had neither from the cache nor from apt, and
 * says so in a line that CI takes for a failure.
 */
public final class PackagesRequired implements BeforeAllCallback {
  @Override
  public void beforeAll(ExtensionContext context) {
    try {
      Guests.require();
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
