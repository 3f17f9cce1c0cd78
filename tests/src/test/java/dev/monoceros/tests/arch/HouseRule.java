package dev.monoceros.tests.arch;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.lang.ArchRule;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The rules. Each is a function of the package below which the modules lie, so that the same rule
 * can be put to the real house and to the broken one.
 */
enum HouseRule {
  VIRTIO_NEEDS_ONLY_JAVA("KnowsQcow", root -> onlyItselfAndJava(root, "virtio")),

  UNICORN_NEEDS_ONLY_JAVA("KnowsMachine", root -> onlyItselfAndJava(root, "unicorn")),

  QCOW_KNOWS_NO_OTHER_MODULE(
      "KnowsVirtio",
      root -> knowsNone(root, "qcow", "virtio", "unicorn", "machine", "images", "cli", "junit")),

  IMAGES_KNOW_ONLY_QCOW(
      "KnowsCli",
      root -> knowsNone(root, "images", "virtio", "unicorn", "machine", "cli", "junit")),

  MACHINE_KNOWS_NO_IMAGES_AND_NO_COMMAND(
      "KnowsImages", root -> knowsNone(root, "machine", "images", "cli", "junit")),

  NOTHING_IMPORTS_CLI(
      "KnowsCli",
      root ->
          noClasses()
              .that()
              .resideInAPackage(root + "..")
              .and()
              .resideOutsideOfPackage(root + ".cli..")
              .should()
              .dependOnClassesThat()
              .resideInAPackage(root + ".cli..")),

  NATIVE_CALLS_ONLY_IN_UNICORN_AND_HOST_FILE("CallsNatively", HostAccess::nativeCalls),

  /**
   * One exception: the machine's root looks the library up and hands it to the CPU, and turns a
   * failure to find it into its own exception.
   */
  UNICORN_ONLY_IN_MACHINE_CPU(
      "UsesEngine",
      root ->
          noClasses()
              .that()
              .resideInAPackage(root + "..")
              .and()
              .resideOutsideOfPackages(root + ".unicorn..", root + ".machine.cpu..")
              .and()
              .resideOutsideOfPackage(root + ".machine")
              .should()
              .dependOnClassesThat()
              .resideInAPackage(root + ".unicorn..")),

  MACHINE_ROOT_ONLY_LOOKS_THE_LIBRARY_UP(
      "UsesEngineAtRoot",
      root ->
          noClasses()
              .that()
              .resideInAPackage(root + ".machine")
              .should()
              .dependOnClassesThat(
                  HostAccess.residesBelow(root + ".unicorn")
                      .and(HostAccess.namedNone("UnicornLibrary", "UnicornException")))),

  VIRTIO_MEETS_QCOW_ONLY_IN_MACHINE_BLOCK(
      "KnowsBothDisks",
      root ->
          noClasses()
              .that(
                  HostAccess.dependsOn(root + ".virtio").and(HostAccess.dependsOn(root + ".qcow")))
              .should()
              .resideOutsideOfPackage(root + ".machine.block..")),

  NO_HOST_CLOCK("ReadsTheClock", HostAccess::clock),

  NO_RANDOMNESS("RollsDice", HostAccess::randomness),

  NO_THREADS("StartsThreads", HostAccess::threads),

  NO_NATIVE_ORDER_OF_HASHES("OrdersByHash", HostAccess::hashOrder),

  NO_MUTABLE_STATICS(
      "KeepsState",
      root ->
          fields()
              .that()
              .areDeclaredInClassesThat()
              .resideInAnyPackage(deterministic(root))
              .and()
              .areStatic()
              .should()
              .beFinal()),

  /** Of the modules that others build on; images and cli still have cycles. */
  NO_CYCLES_BETWEEN_PACKAGES(
      "Slice machine.bus",
      root ->
          slices()
              .matching(root + ".(**)")
              .that(
                  DescribedPredicate.describe(
                      "are of virtio, qcow, unicorn or machine",
                      slice -> slice.getNamePart(1).matches("(virtio|qcow|unicorn|machine)\\b.*")))
              .should()
              .beFreeOfCycles());

  private final String offender;
  private final Function<String, ArchRule> rule;

  HouseRule(String offender, Function<String, ArchRule> rule) {
    this.offender = offender;
    this.rule = rule;
  }

  /** The rule for the house below a package. */
  ArchRule below(String root) {
    return rule.apply(root);
  }

  /** What the report on the broken house must name. */
  String offender() {
    return offender;
  }

  /** The modules whose behaviour may depend on nothing but their inputs. */
  static String[] deterministic(String root) {
    return new String[] {root + ".virtio..", root + ".qcow..", root + ".machine.."};
  }

  private static ArchRule onlyItselfAndJava(String root, String module) {
    return classes()
        .that()
        .resideInAPackage(root + "." + module + "..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(root + "." + module + "..", "java..");
  }

  private static ArchRule knowsNone(String root, String module, String... others) {
    return noClasses()
        .that()
        .resideInAPackage(root + "." + module + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            Stream.of(others).map(other -> root + "." + other + "..").toArray(String[]::new));
  }
}
