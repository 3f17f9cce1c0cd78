package dev.monoceros.tests.conformance;

import dev.monoceros.machine.pci.PciBus;
import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.blk.VirtioBlock;
import dev.monoceros.virtio.testing.Must;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.AnnotatedElement;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;

/** Where the classes of the modules under test are, in jars or folders, and what is in them. */
final class ModuleClasses {
  private static final String CLASS = ".class";
  private static final String LONG = "long";
  private static final String MACHINE_TEST = "dev.monoceros.machine.pci.PciTest";

  private ModuleClasses() {}

  /** The modules themselves and their tests. */
  static URL[] roots() {
    return Stream.of(VirtioBlock.class, BlkRig.class, PciBus.class, named(MACHINE_TEST))
        .map(ModuleClasses::root)
        .toArray(URL[]::new);
  }

  private static URL root(Class<?> type) {
    return type.getProtectionDomain().getCodeSource().getLocation();
  }

  /**
   * Every test method of these modules that carries rule numbers, by class and name; those left out
   * of the ordinary build prove nothing there.
   */
  static List<ProvingTest> provingTests() {
    List<ProvingTest> tests = new ArrayList<>();
    for (URL root : List.of(root(BlkRig.class), root(named(MACHINE_TEST)))) {
      for (String name : classNames(root)) {
        Arrays.stream(named(name).getDeclaredMethods())
            .filter(method -> method.isAnnotationPresent(Must.class))
            .filter(method -> !isLong(method) && !isLong(method.getDeclaringClass()))
            .map(ProvingTest::of)
            .forEach(tests::add);
      }
    }
    tests.sort(Comparator.comparing(ProvingTest::className).thenComparing(ProvingTest::method));
    return tests;
  }

  private static boolean isLong(AnnotatedElement element) {
    boolean jupiter =
        Arrays.stream(element.getAnnotationsByType(Tag.class))
            .anyMatch(tag -> tag.value().equals(LONG));
    return jupiter
        || Arrays.stream(element.getAnnotationsByType(net.jqwik.api.Tag.class))
            .anyMatch(tag -> tag.value().equals(LONG));
  }

  private static Class<?> named(String className) {
    try {
      return Class.forName(className, false, ModuleClasses.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<String> classNames(URL root) {
    try {
      Path place = Path.of(root.toURI());
      if (Files.isDirectory(place)) {
        return classNamesBelow(place);
      }
      try (FileSystem jar = FileSystems.newFileSystem(place)) {
        return classNamesBelow(jar.getPath("/"));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<String> classNamesBelow(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .map(file -> root.relativize(file).toString())
          .filter(name -> name.endsWith(CLASS) && !name.endsWith("-info.class"))
          .map(name -> name.substring(0, name.length() - CLASS.length()).replace('/', '.'))
          .toList();
    }
  }
}
