package dev.monoceros.tests.arch;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.List;
import java.util.Set;

/** The rules about what of the host a module may touch. */
final class HostAccess {
  private static final Set<String> FOREIGN =
      Set.of(
          "java.lang.foreign.Linker",
          "java.lang.foreign.Linker$Option",
          "java.lang.foreign.SymbolLookup",
          "sun.misc.Unsafe");

  private static final Set<String> CLOCK_METHODS =
      Set.of(
          "java.lang.System.nanoTime",
          "java.lang.System.currentTimeMillis",
          "java.time.Instant.now",
          "java.time.LocalDate.now",
          "java.time.LocalTime.now",
          "java.time.LocalDateTime.now",
          "java.time.OffsetDateTime.now",
          "java.time.ZonedDateTime.now",
          "java.time.Clock.systemUTC",
          "java.time.Clock.systemDefaultZone",
          "java.time.Clock.system",
          "java.time.ZoneId.systemDefault",
          "java.util.Date.<init>",
          "java.lang.Thread.sleep");

  private static final Set<String> RANDOM_METHODS =
      Set.of(
          "java.lang.Math.random",
          "java.util.UUID.randomUUID",
          "java.lang.System.identityHashCode",
          "java.util.Collections.shuffle");

  private static final List<String> RANDOM_TYPES =
      List.of(
          "java.util.Random",
          "java.util.SplittableRandom",
          "java.util.concurrent.ThreadLocalRandom",
          "java.util.random.RandomGenerator",
          "java.security.SecureRandom");

  private static final Set<String> THREAD_METHODS =
      Set.of(
          "java.lang.Thread.<init>",
          "java.lang.Thread.start",
          "java.lang.Thread.ofPlatform",
          "java.lang.Thread.ofVirtual",
          "java.lang.Thread.startVirtualThread",
          "java.lang.Runtime.addShutdownHook",
          "java.util.Collection.parallelStream",
          "java.util.concurrent.CompletableFuture.runAsync",
          "java.util.concurrent.CompletableFuture.supplyAsync");

  private static final List<String> THREAD_TYPES =
      List.of(
          "java.util.concurrent.Executors",
          "java.util.concurrent.ForkJoinPool",
          "java.util.concurrent.ThreadPoolExecutor",
          "java.util.concurrent.StructuredTaskScope",
          "java.util.Timer",
          "java.lang.ref.Cleaner");

  private static final Set<String> HASHED =
      Set.of(
          "java.util.HashMap.<init>",
          "java.util.HashSet.<init>",
          "java.util.IdentityHashMap.<init>",
          "java.util.WeakHashMap.<init>",
          "java.util.concurrent.ConcurrentHashMap.<init>",
          "java.util.Map.of",
          "java.util.Map.ofEntries",
          "java.util.Map.copyOf",
          "java.util.Set.of",
          "java.util.Set.copyOf",
          "java.util.stream.Collectors.toSet",
          "java.util.stream.Collectors.toUnmodifiableSet",
          "java.util.stream.Collectors.toMap",
          "java.util.stream.Collectors.groupingBy");

  /** Look-ups by key alone, checked by reading. */
  private static final Set<String> ASK_ONLY =
      Set.of("OverlayMemory", "FileLease", "VirtioBlkPlugin", "ElfKernel");

  private HostAccess() {}

  static ArchRule nativeCalls(String root) {
    return noClasses()
        .that()
        .resideInAPackage(root + "..")
        .and()
        .resideOutsideOfPackage(root + ".unicorn..")
        .and()
        .doNotHaveFullyQualifiedName(root + ".qcow.io.HostCalls")
        .and()
        .doNotHaveFullyQualifiedName(root + ".qcow.io.Transfers")
        .and()
        .doNotHaveFullyQualifiedName(root + ".qcow.io.VectorTransfers")
        .should(
            use(
                "call natively",
                access ->
                    FOREIGN.contains(access.getTargetOwner().getName()) || isLibraryLoad(access)));
  }

  private static boolean isLibraryLoad(JavaAccess<?> access) {
    String owner = access.getTargetOwner().getName();
    return (owner.equals("java.lang.System") || owner.equals("java.lang.Runtime"))
        && access.getName().matches("load|loadLibrary");
  }

  static ArchRule clock(String root) {
    return inDeterministicModules(root, "read the host's clock", CLOCK_METHODS, List.of());
  }

  static ArchRule randomness(String root) {
    return inDeterministicModules(root, "use randomness", RANDOM_METHODS, RANDOM_TYPES);
  }

  static ArchRule threads(String root) {
    return inDeterministicModules(root, "make threads", THREAD_METHODS, THREAD_TYPES);
  }

  /**
   * The order of {@code Set.of} and {@code Map.of} differs from one JVM to the next, that of
   * identity hashes too. Such collections may be asked but never walked, which bytecode does not
   * show: so each class that has one is named here.
   */
  static ArchRule hashOrder(String root) {
    return noClasses()
        .that()
        .resideInAnyPackage(HouseRule.deterministic(root))
        .and(
            DescribedPredicate.describe(
                "are not known to ask only", type -> !ASK_ONLY.contains(type.getSimpleName())))
        .should(
            use(
                "have a collection in the order of its hashes",
                access ->
                    HASHED.contains(access.getTargetOwner().getName() + "." + access.getName())));
  }

  private static ArchRule inDeterministicModules(
      String root, String what, Set<String> methods, List<String> types) {
    return noClasses()
        .that()
        .resideInAnyPackage(HouseRule.deterministic(root))
        .should(
            use(
                what,
                access ->
                    methods.contains(access.getTargetOwner().getName() + "." + access.getName())
                        || types.contains(access.getTargetOwner().getName())));
  }

  private interface AccessTest {
    boolean matches(JavaAccess<?> access);
  }

  /** Calls, constructor calls, method references and field accesses alike. */
  private static ArchCondition<JavaClass> use(String what, AccessTest test) {
    return new ArchCondition<>(what) {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        type.getAccessesFromSelf().stream()
            .filter(test::matches)
            .forEach(a -> events.add(SimpleConditionEvent.satisfied(a, a.getDescription())));
        type.getMethods().stream()
            .filter(method -> method.getModifiers().contains(JavaModifier.NATIVE))
            .forEach(m -> events.add(SimpleConditionEvent.satisfied(m, m.getDescription())));
      }
    };
  }

  static DescribedPredicate<JavaClass> residesBelow(String parent) {
    return JavaClass.Predicates.resideInAPackage(parent + "..");
  }

  /** Neither these classes nor classes nested in them. */
  static DescribedPredicate<JavaClass> namedNone(String... simpleNames) {
    return DescribedPredicate.describe(
        "are none of " + String.join(", ", simpleNames),
        type -> {
          String name = type.getName().substring(type.getPackageName().length() + 1);
          return !List.of(simpleNames).contains(name.replaceFirst("\\$.*", ""));
        });
  }

  static DescribedPredicate<JavaClass> dependsOn(String parent) {
    return DescribedPredicate.describe(
        "depend on " + parent,
        type ->
            type.getDirectDependenciesFromSelf().stream()
                .anyMatch(dependency -> residesBelow(parent).test(dependency.getTargetClass())));
  }
}
