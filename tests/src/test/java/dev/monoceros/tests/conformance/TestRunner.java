package dev.monoceros.tests.conformance;

import dev.monoceros.virtio.testing.Must;
import java.lang.annotation.Annotation;
import java.util.Arrays;
import java.util.Optional;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Runs single test methods of a class loader's choice. */
final class TestRunner {
  private final Launcher launcher =
      LauncherFactory.create(
          LauncherConfig.builder()
              .enableLauncherSessionListenerAutoRegistration(false)
              .enablePostDiscoveryFilterAutoRegistration(false)
              .enableTestExecutionListenerAutoRegistration(false)
              .build());

  /**
   * Runs a test; the first failure of any of its invocations, or nothing if all pass.
   *
   * @throws IllegalStateException if nothing was run
   */
  Optional<Throwable> run(ProvingTest test, ClassLoader loader) throws ClassNotFoundException {
    Outcome outcome = new Outcome();
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(loader);
    try {
      launcher.execute(request(test, loader), outcome);
    } finally {
      thread.setContextClassLoader(before);
    }
    if (outcome.tests == 0 && outcome.failure == null) {
      throw new IllegalStateException("nothing was run of " + test.id());
    }
    return Optional.ofNullable(outcome.failure);
  }

  private static LauncherDiscoveryRequest request(ProvingTest test, ClassLoader loader)
      throws ClassNotFoundException {
    Class<?> type = Class.forName(test.className(), true, loader);
    return LauncherDiscoveryRequestBuilder.request()
        .selectors(
            Arrays.stream(type.getDeclaredMethods())
                .filter(method -> method.getName().equals(test.method()))
                .filter(method -> isAnnotated(method.getAnnotations()))
                .map(method -> DiscoverySelectors.selectMethod(type, method))
                .toList())
        .configurationParameter("junit.jupiter.execution.timeout.mode", "disabled")
        // A failure is all that is asked for, not the smallest one.
        .configurationParameter("jqwik.shrinking.default", "OFF")
        .configurationParameter("jqwik.database", "")
        .configurationParameter("jqwik.reporting.usejunitplatform", "true")
        .build();
  }

  /** By name: the annotation's class may be the other loader's. */
  private static boolean isAnnotated(Annotation[] annotations) {
    return Arrays.stream(annotations)
        .anyMatch(each -> each.annotationType().getName().equals(Must.class.getName()));
  }

  private static final class Outcome implements TestExecutionListener {
    private int tests;
    private Throwable failure;

    @Override
    public void executionStarted(TestIdentifier identifier) {
      tests += identifier.isTest() ? 1 : 0;
    }

    @Override
    public void executionFinished(TestIdentifier identifier, TestExecutionResult result) {
      if (result.getStatus() != TestExecutionResult.Status.SUCCESSFUL && failure == null) {
        failure = result.getThrowable().orElseGet(() -> new AssertionError(identifier));
      }
    }
  }
}
