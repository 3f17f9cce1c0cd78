package dev.monoceros.tests.arch;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.EvaluationResult;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The house is built as docs/architecture.md draws it. */
class ArchitectureTest {
  private static final String HOUSE = "dev.monoceros";
  private static final String BROKEN_HOUSE = "dev.monoceros.tests.arch.broken";

  private static final JavaClasses HOUSE_CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("-tests.jar"))
          .importPackages(HOUSE);
  private static final JavaClasses BROKEN_CLASSES =
      new ClassFileImporter().importPackages(BROKEN_HOUSE);

  @ParameterizedTest
  @EnumSource
  void theHouseKeeps(HouseRule rule) {
    EvaluationResult result = rule.below(HOUSE).evaluate(HOUSE_CLASSES);

    assertThat(result.getFailureReport().getDetails()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void aHouseThatBreaksItIsFoundOut(HouseRule rule) {
    EvaluationResult result = rule.below(BROKEN_HOUSE).evaluate(BROKEN_CLASSES);

    assertThat(result.getFailureReport().getDetails())
        .anyMatch(detail -> detail.contains(rule.offender()));
  }

  @ParameterizedTest
  @CsvSource({"virtio.blk", "qcow.io", "unicorn", "machine.cpu", "machine.block", "images.disk"})
  void theRulesSeeEveryModule(String module) {
    assertThat(HOUSE_CLASSES)
        .anyMatch(type -> type.getPackageName().startsWith(HOUSE + "." + module));
  }

  @Test
  void virtioUnicornAndQcowAreModulesOnTopOfJavaAlone() {
    assertThat(required("virtio")).containsExactly("java.base");
    assertThat(required("unicorn")).containsExactly("java.base");
    assertThat(required("qcow")).noneMatch(name -> name.startsWith(HOUSE));
  }

  private static Set<String> required(String module) {
    return HOUSE_CLASSES.stream()
        .filter(type -> type.getPackageName().startsWith(HOUSE + "." + module))
        .flatMap(type -> type.getSource().stream())
        .map(source -> moduleAt(source.getUri().toString()))
        .flatMap(descriptor -> descriptor.requires().stream())
        .map(ModuleDescriptor.Requires::name)
        .collect(Collectors.toSet());
  }

  /** The module in the jar or class folder that a class comes from. */
  private static ModuleDescriptor moduleAt(String classUri) {
    String place = classUri.replaceFirst("^jar:", "").replaceFirst("^file:/*", "/");
    Path home = Path.of(place.replaceFirst("(!/|(?<=/classes)/dev/).*", ""));
    return ModuleFinder.of(home).findAll().stream()
        .map(ModuleReference::descriptor)
        .findFirst()
        .orElseThrow(() -> new AssertionError("no module at " + home));
  }
}
