package dev.monoceros.tests.support;

import dev.monoceros.images.ImagesException;
import dev.monoceros.images.Oracles;
import java.util.Optional;
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
    Optional<String> missing = missing();
    if (missing.isPresent()) {
      String message =
          "ORACLES MISSING: " + context.getDisplayName() + " cannot run: " + missing.get();
      System.err.println(message);
      if ("true".equals(System.getenv("CI"))) {
        throw new AssertionError(message);
      }
      throw new TestAbortedException(message);
    }
  }

  private static Optional<String> missing() {
    return Oracles.missing(Guests.cache()).or(PackagesRequired::missingGuest);
  }

  private static Optional<String> missingGuest() {
    try {
      Guests.require();
      return Optional.empty();
    } catch (ImagesException e) {
      return Optional.of(e.getMessage());
    }
  }
}
