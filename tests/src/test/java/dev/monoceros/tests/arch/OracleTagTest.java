package dev.monoceros.tests.arch;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.monoceros.qcow.oracle.NeedsQemu;
import dev.monoceros.qcow.oracle.OracleTool;
import dev.monoceros.tests.arch.broken.qcow.ComparesUntagged;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The tests of qcow that ask QEMU are those with its tag. One without it would be skipped on every
 * machine that has no QEMU, and nobody would notice.
 */
class OracleTagTest {
  private static final String QCOW = "dev.monoceros.qcow";
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(
              location -> location.contains("-tests.jar") || location.contains("/test-classes/"))
          .importPackages(QCOW, ComparesUntagged.class.getPackageName());

  @Test
  void theTestsThatAskQemuAreThoseWithItsTag() {
    Set<String> asking = named(OracleTagTest::asksQemu);

    assertThat(asking).hasSizeGreaterThan(40);
    assertThat(named(type -> type.isAnnotatedWith(NeedsQemu.class))).isEqualTo(asking);
  }

  @Test
  void whoAsksThroughAHelperIsFoundOut() {
    assertThat(asksQemu(CLASSES.get(ComparesUntagged.class))).isTrue();
    assertThat(asksQemu(CLASSES.get(NeedsQemu.class))).isFalse();
  }

  private static Set<String> named(Predicate<JavaClass> rule) {
    return CLASSES.stream()
        .filter(type -> type.getName().startsWith(QCOW))
        .filter(type -> type.getSimpleName().endsWith("Test"))
        .filter(rule)
        .map(JavaClass::getName)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Follows calls, also those of nested classes, to where the tools are. */
  private static boolean asksQemu(JavaClass test) {
    Set<String> seen = new TreeSet<>(Set.of(test.getName()));
    Deque<JavaClass> next = new ArrayDeque<>(Set.of(test));
    while (!next.isEmpty()) {
      JavaClass type = next.remove();
      if (type.isEquivalentTo(OracleTool.class)) {
        return true;
      }
      for (JavaAccess<?> access : type.getAccessesFromSelf()) {
        JavaClass target = access.getTargetOwner();
        if (CLASSES.contain(target.getName()) && seen.add(target.getName())) {
          next.add(CLASSES.get(target.getName()));
        }
      }
    }
    return false;
  }
}
