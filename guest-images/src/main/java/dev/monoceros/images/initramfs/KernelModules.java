package dev.monoceros.images.initramfs;

import dev.monoceros.images.ImagesException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The modules of one kernel. Dependencies come from modules.dep (modules.dep(5)) where depmod has
 * run, else from the modules themselves, as in Debian's packages before installation.
 */
public final class KernelModules {
  private final String release;
  private final ModuleFiles files;
  private final Map<String, String> pathByName = new TreeMap<>();
  private final Map<String, List<String>> depends = new TreeMap<>();
  private final Set<String> builtin = new TreeSet<>();
  private final boolean haveDependencyFile;

  /**
   * Reads the directory's lists.
   *
   * @param release the kernel's release, for messages
   * @param files its {@code lib/modules/RELEASE}
   */
  public KernelModules(String release, ModuleFiles files) {
    this.release = release;
    this.files = files;
    Optional<byte[]> dependencyFile = files.read("modules.dep");
    this.haveDependencyFile = dependencyFile.isPresent();
    if (haveDependencyFile) {
      lines(dependencyFile.get()).forEach(this::addDependencyLine);
    } else {
      files.modulePaths().forEach(path -> pathByName.put(ModuleCodec.moduleName(path), path));
    }
    files
        .read("modules.builtin")
        .ifPresent(list -> lines(list).forEach(path -> builtin.add(ModuleCodec.moduleName(path))));
  }

  /**
   * One module, ready for insmod.
   *
   * @param name with underscores
   * @param elf its bytes, decompressed
   */
  public record Module(String name, byte[] elf) {}

  /** The kernel's release. */
  public String release() {
    return release;
  }

  /** Drivers that are part of the kernel image, as file names of modules.builtin, sorted. */
  public List<String> builtin() {
    return builtin.stream().map(name -> "kernel/" + name + ".ko").toList();
  }

  /** Whether a driver is built in or there as a module. */
  public boolean has(String name) {
    String key = ModuleCodec.moduleName(name);
    return builtin.contains(key) || pathByName.containsKey(key);
  }

  /**
   * These modules and all they depend on, each after what it needs; built-in ones are left out. The
   * order depends only on the order asked for and the modules themselves.
   *
   * @throws ImagesException BAD_INPUT naming the first driver that the kernel does not have
   */
  public List<Module> withDependencies(String... wanted) {
    Map<String, Module> loaded = new TreeMap<>();
    Set<String> order = new LinkedHashSet<>();
    for (String name : wanted) {
      visit(ModuleCodec.moduleName(name), loaded, order, new LinkedHashSet<>());
    }
    return order.stream().map(loaded::get).toList();
  }

  /**
   * {@link #withDependencies} plus what these modules ask for softly (modprobe.d(5), {@code softdep
   * pre:}), first: a file system that needs a checksum asks the kernel for it at mount, and an
   * initramfs has no modprobe that could answer. Soft requests that no module answers are left out.
   */
  public List<Module> forLoading(String... wanted) {
    Set<String> roots = new LinkedHashSet<>();
    for (String name : wanted) {
      expand(ModuleCodec.moduleName(name), roots, new LinkedHashSet<>());
    }
    return withDependencies(roots.toArray(String[]::new));
  }

  private void expand(String name, Set<String> roots, Set<String> above) {
    if (roots.contains(name) || !above.add(name)) {
      return;
    }
    for (Module module : withDependencies(name)) {
      for (String soft : ModuleInfo.parse(module.name(), module.elf()).softDepends()) {
        provider(ModuleCodec.moduleName(soft)).ifPresent(found -> expand(found, roots, above));
      }
    }
    roots.add(name);
  }

  /**
   * Crypto algorithms are asked for by name, often as {@code crypto-NAME}; the portable one is in
   * NAME_generic.
   */
  private Optional<String> provider(String name) {
    String algorithm = name.replaceFirst("^crypto_", "");
    return Stream.of(name, algorithm, algorithm + "_generic")
        .filter(pathByName::containsKey)
        .findFirst();
  }

  private void visit(
      String name, Map<String, Module> loaded, Set<String> order, Set<String> above) {
    if (order.contains(name) || builtin.contains(name)) {
      return;
    }
    if (!above.add(name)) {
      throw new ImagesException(
          ImagesException.Kind.BAD_INPUT,
          "The modules of kernel "
              + release
              + " depend on each other in a circle: "
              + String.join(", ", above)
              + ".");
    }
    Module module = load(name);
    for (String needed : dependencies(module)) {
      visit(needed, loaded, order, above);
    }
    above.remove(name);
    loaded.put(name, module);
    order.add(name);
  }

  private Module load(String name) {
    String path = pathByName.get(name);
    byte[] file = path == null ? null : files.read(path).orElse(null);
    if (file == null) {
      throw new ImagesException(
          ImagesException.Kind.BAD_INPUT,
          "Kernel " + release + " has no driver " + name + ", neither built in nor as a module.");
    }
    return new Module(name, ModuleCodec.decompress(path, file));
  }

  private List<String> dependencies(Module module) {
    if (haveDependencyFile) {
      return depends.getOrDefault(module.name(), List.of());
    }
    return ModuleInfo.parse(module.name(), module.elf()).depends().stream()
        .map(ModuleCodec::moduleName)
        .toList();
  }

  /** {@code path: path path...}; depmod lists dependencies last-loaded first. */
  private void addDependencyLine(String line) {
    int colon = line.indexOf(':');
    if (colon < 0) {
      return;
    }
    String path = line.substring(0, colon);
    String name = ModuleCodec.moduleName(path);
    pathByName.put(name, path);
    List<String> needed =
        new ArrayList<>(
            Arrays.stream(line.substring(colon + 1).strip().split("\\s+"))
                .filter(word -> !word.isEmpty())
                .map(ModuleCodec::moduleName)
                .toList());
    depends.put(name, needed.reversed());
  }

  private static List<String> lines(byte[] text) {
    return new String(text, StandardCharsets.UTF_8)
        .lines()
        .filter(line -> !line.isBlank())
        .toList();
  }
}
