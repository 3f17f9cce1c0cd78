package dev.monoceros.tests.conformance;

import dev.monoceros.virtio.testing.Must;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;

/**
 * A test method that carries rule numbers.
 *
 * @param className of the class it stands in
 * @param method its name; no other method of the class that carries numbers has it
 * @param rules the numbers
 */
record ProvingTest(String className, String method, Set<Integer> rules) {

  static ProvingTest of(Method method) {
    Set<Integer> rules = new TreeSet<>();
    Arrays.stream(method.getAnnotation(Must.class).value()).forEach(rules::add);
    return new ProvingTest(method.getDeclaringClass().getName(), method.getName(), rules);
  }

  boolean proves(int rule) {
    return rules.contains(rule);
  }

  /** Unique. */
  String id() {
    return className + "#" + method;
  }

  /** Class and method without the package. */
  String shortName() {
    return className.substring(className.lastIndexOf('.') + 1) + "." + method;
  }
}
