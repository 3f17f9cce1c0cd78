package dev.monoceros.virtio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.testing.Must;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every rule of the checklist that this module can break has a test that carries its number. */
class ConformanceCoverageTest {
  /** The machine's PCI; 39 is no number of the checklist. */
  private static final Set<Integer> ELSEWHERE = Set.of(32, 39, 46);

  @Test
  void everyRuleInScopeHasATest() throws IOException, URISyntaxException {
    Set<Integer> expected =
        IntStream.rangeClosed(1, 61).boxed().collect(Collectors.toCollection(TreeSet::new));
    expected.removeAll(ELSEWHERE);
    expected.addAll(List.of(Must.BAD_CHAIN, Must.AVAIL_JUMP, Must.UNKNOWN_TYPE));
    assertThat(proven()).containsAll(expected);
  }

  private static Set<Integer> proven() throws IOException, URISyntaxException {
    Path root =
        Path.of(
            ConformanceCoverageTest.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
    Path module = ConformanceCoverageTest.class.getModule().isNamed() ? testClasses() : root;
    Set<Integer> numbers = new TreeSet<>();
    try (Stream<Path> files = Files.walk(module)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
        String name = module.relativize(file).toString().replace('/', '.').replace('\\', '.');
        for (Method method : load(name.substring(0, name.length() - 6)).getDeclaredMethods()) {
          Must must = method.getAnnotation(Must.class);
          if (must != null) {
            for (int number : must.value()) {
              numbers.add(number);
            }
          }
        }
      }
    }
    return numbers;
  }

  private static Path testClasses() {
    return Path.of(System.getProperty("basedir", ".")).resolve("target").resolve("test-classes");
  }

  private static Class<?> load(String name) {
    try {
      return Class.forName(name, false, ConformanceCoverageTest.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }
}
