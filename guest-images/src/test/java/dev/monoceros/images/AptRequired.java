package dev.monoceros.images;

import dev.monoceros.images.apt.AptTree;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.opentest4j.TestAbortedException;

/** Aborts tests on a machine without apt, with the reason; in CI that is a failure instead. */
public final class AptRequired implements BeforeAllCallback {
  @Override
  public void beforeAll(ExtensionContext context) {
    if (!AptTree.available()) {
      String message =
          "ORACLES MISSING: no apt-get on this machine, so "
              + context.getDisplayName()
              + " cannot run";
      System.err.println(message);
      if ("true".equals(System.getenv("CI"))) {
        throw new AssertionError(message);
      }
      throw new TestAbortedException(message);
    }
  }
}
