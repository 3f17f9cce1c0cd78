package dev.monoceros.tests.conformance;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A JVM that runs tests against mutants, so that a mutant may hang or fill the heap and harm only
 * this process. It is told what to do line by line, {@code mutant test...} or {@code - test...} for
 * the device as it is, and answers with one line for each test: {@code PASSED}, {@code FAILED why}
 * or {@code BROKEN why}, where nothing can be concluded from what happened.
 */
final class MutantWorker {
  static final String READY = "READY";
  static final String UNCHANGED = "-";
  static final String PASSED = "PASSED";
  static final String FAILED = "FAILED";
  static final String BROKEN = "BROKEN";

  private final Map<String, Mutant> mutants = new HashMap<>();
  private final Map<String, ProvingTest> tests = new HashMap<>();
  private final MemoryCompiler compiler = new MemoryCompiler();
  private final TestRunner runner = new TestRunner();
  private String loaded = "";
  private MutantLoader loader;

  private MutantWorker() {
    Checklist.mutants().forEach(mutant -> mutants.put(mutant.id(), mutant));
    ModuleClasses.provingTests().forEach(test -> tests.put(test.id(), test));
  }

  public static void main(String[] arguments) throws IOException {
    PrintStream answers = System.out;
    System.setOut(System.err);
    MutantWorker worker = new MutantWorker();
    answers.println(READY);
    answers.flush();
    BufferedReader orders =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String order = orders.readLine(); order != null; order = orders.readLine()) {
      String[] words = order.split(" ", 2);
      answers.println(worker.obey(words[0], words[1]).replaceAll("\\s+", " "));
      answers.flush();
    }
  }

  private String obey(String mutant, String test) {
    try {
      load(mutant);
      Optional<Throwable> failure = runner.run(tests.get(test), loader);
      return failure.map(f -> FAILED + " " + f).orElse(PASSED);
    } catch (VirtualMachineError e) {
      // Out of memory, most likely: nothing here can be trusted any more.
      Runtime.getRuntime().halt(1);
      throw e;
    } catch (Exception | LinkageError e) {
      return BROKEN + " " + e;
    }
  }

  /**
   * The device as it is is compiled here, too, every file that a mutant changes: so a pass of the
   * tests says that a failure with a mutant comes from its change and from nothing else.
   */
  private void load(String id) throws IOException {
    if (id.equals(loaded)) {
      return;
    }
    Map<String, byte[]> classes = new HashMap<>();
    if (id.equals(UNCHANGED)) {
      List<String> files = mutants.values().stream().map(Mutant::file).distinct().toList();
      files.forEach(file -> classes.putAll(compiler.compile(file, DeviceSources.read(file))));
    } else {
      Mutant mutant = mutants.get(id);
      String source = mutant.applyTo(DeviceSources.read(mutant.file()));
      classes.putAll(compiler.compile(mutant.file(), source));
    }
    if (loader != null) {
      loader.close();
    }
    loader = new MutantLoader(ModuleClasses.roots(), classes);
    loaded = id;
  }
}
