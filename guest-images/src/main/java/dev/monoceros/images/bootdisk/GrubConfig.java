package dev.monoceros.images.bootdisk;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Reads what a grub.cfg would boot by default, as far as the files that distributions write go:
 * variables, tests of variables and files, menu entries with linux and initrd. It is no GRUB: of a
 * condition it cannot judge it skips what does not matter, and gives up where an entry, the default
 * or a kernel depends on it.
 */
final class GrubConfig {
  private static final int MAX_FILE = 1 << 20;
  private static final int MAX_SOURCES = 20;
  private static final int MAX_DEPTH = 40;

  /** Far beyond any real file; functions that call themselves end here. */
  private static final int MAX_STEPS = 10_000;

  private final Volumes volumes;
  private final Volume home;
  private final String directory;
  private final GrubVariables variables = new GrubVariables();
  private final GrubFiles files;
  private final Map<String, List<GrubStatement>> functions = new TreeMap<>();
  private int sources;
  private int steps;
  private int depth;

  private GrubMenu menu = new GrubMenu();
  private boolean usesLoaderEntries;
  private Volume.File kernel;
  private String options = "";
  private final List<Volume.File> initrds = new ArrayList<>();

  private GrubConfig(Volumes volumes, Volume home, String directory) {
    this.volumes = volumes;
    this.home = home;
    this.directory = directory;
    this.files = new GrubFiles(volumes, variables);
    String device = GrubCommand.device(home.number());
    variables.set("root", device);
    variables.set("prefix", "(" + device + ")" + directory);
    variables.set("config_directory", "(" + device + ")" + directory);
    variables.set("grub_platform", "pc");
    variables.set("grub_cpu", "i386");
  }

  /**
   * The default entry of the grub.cfg in a directory.
   *
   * @return empty when there is no such file
   * @throws NoKernelException naming what was not understood
   */
  static Optional<BootEntry> read(Volumes volumes, Volume volume, String directory)
      throws IOException, NoKernelException {
    Optional<byte[]> file = volume.files().read(directory + "/grub.cfg", MAX_FILE);
    return file.isEmpty() ? Optional.empty() : readText(volumes, volume, directory, file.get());
  }

  /** The same for a file that was read already. */
  static Optional<BootEntry> readText(Volumes volumes, Volume volume, String directory, byte[] file)
      throws IOException, NoKernelException {
    String path = directory + "/grub.cfg";
    try {
      return new GrubConfig(volumes, volume, directory).byDefault(path, file);
    } catch (NoKernelException e) {
      throw new NoKernelException(
          "%s of %s: %s; name a kernel with -k".formatted(path, volume.device(), e.getMessage()));
    }
  }

  private Optional<BootEntry> byDefault(String path, byte[] file)
      throws IOException, NoKernelException {
    run(parse(file));
    String wanted = variables.get("default");
    if (menu.isEmpty() && usesLoaderEntries) {
      return Optional.of(loaderEntry(wanted));
    }
    if (usesLoaderEntries) {
      throw new NoKernelException(
          "blscfg beside entries of its own is more than is understood here");
    }
    if (menu.isEmpty()) {
      return kernel == null ? Optional.empty() : Optional.of(entry(path));
    }
    GrubMenu.Item item = choose(wanted);
    run(item.body());
    if (kernel == null) {
      throw new NoKernelException("the default entry '%s' starts no Linux".formatted(item.title()));
    }
    return Optional.of(entry("'%s' in %s".formatted(item.title(), path)));
  }

  private BootEntry entry(String origin) {
    return new BootEntry(origin + " of " + home.device(), kernel, List.copyOf(initrds), options);
  }

  private static List<GrubStatement> parse(byte[] file) throws NoKernelException {
    return GrubParser.parse(new String(file, StandardCharsets.UTF_8));
  }

  private BootEntry loaderEntry(String wanted) throws IOException, NoKernelException {
    for (Volume volume : volumes.readable()) {
      for (String boot : List.of("/boot/", "/")) {
        Optional<LoaderEntries> entries = LoaderEntries.in(volume, boot);
        if (entries.isPresent()) {
          return entries.get().byDefault(wanted, variables::substitute);
        }
      }
    }
    throw new NoKernelException("it wants loader/entries, and there are none");
  }

  /** The part before each > names a submenu; a submenu alone means its first entry. */
  private GrubMenu.Item choose(String wanted) throws IOException, NoKernelException {
    String[] names = wanted.split(">", -1);
    GrubMenu.Item item = menu.named(names[0]).orElse(menu.first());
    for (int depth = 1; item.submenu(); depth++) {
      menu = new GrubMenu();
      run(item.body());
      if (menu.isEmpty()) {
        throw new NoKernelException("the submenu '%s' is empty".formatted(item.title()));
      }
      String name = depth < names.length ? names[depth] : "0";
      item = menu.named(name).orElse(menu.first());
    }
    return item;
  }

  private void run(List<GrubStatement> statements) throws IOException, NoKernelException {
    for (GrubStatement statement : statements) {
      switch (statement) {
        case GrubStatement.Command command -> run(command);
        case GrubStatement.If choice -> run(choice);
        case GrubStatement.Loop loop -> {
          if (matters(loop.body(), new TreeSet<>())) {
            throw new NoKernelException(
                "a '%s' loop decides what boots, which is not understood here"
                    .formatted(loop.keyword()));
          }
        }
        case GrubStatement.Function function -> functions.put(function.name(), function.body());
        case GrubStatement.Menu entry ->
            menu.add(
                GrubMenu.Item.of(entry.submenu(), variables.expand(entry.words()), entry.body()));
      }
    }
  }

  private void run(GrubStatement.If choice) throws IOException, NoKernelException {
    for (GrubStatement.Branch branch : choice.branches()) {
      Optional<Boolean> holds = judge(branch.condition());
      if (holds.isEmpty()) {
        Set<String> seen = new TreeSet<>();
        if (choice.branches().stream().anyMatch(one -> matters(one.body(), seen))) {
          throw new NoKernelException(
              "what boots depends on '%s', which is not understood here"
                  .formatted(written(branch.condition())));
        }
        return;
      }
      if (holds.get()) {
        run(branch.body());
        return;
      }
    }
  }

  private Optional<Boolean> judge(List<GrubStatement> condition) throws IOException {
    if (condition.isEmpty()) {
      return Optional.of(true);
    }
    return condition.getLast() instanceof GrubStatement.Command command
        ? GrubCondition.of(variables.expand(command.words()), files::exists)
        : Optional.empty();
  }

  private static String written(List<GrubStatement> condition) {
    return condition.getLast() instanceof GrubStatement.Command command
        ? String.join(" ", command.words())
        : "a nested condition";
  }

  /**
   * Whether statements may change which kernel is booted, or how.
   *
   * @param seen functions that were looked at already
   */
  private boolean matters(List<GrubStatement> statements, Set<String> seen) {
    return statements.stream()
        .anyMatch(
            statement ->
                switch (statement) {
                  case GrubStatement.Command command ->
                      GrubCommand.matters(command.words())
                          || calls(command.words().getFirst(), seen);
                  case GrubStatement.If choice ->
                      choice.branches().stream().anyMatch(one -> matters(one.body(), seen));
                  case GrubStatement.Loop loop -> matters(loop.body(), seen);
                  case GrubStatement.Function function -> false;
                  case GrubStatement.Menu entry -> true;
                });
  }

  private boolean calls(String name, Set<String> seen) {
    return functions.containsKey(name) && seen.add(name) && matters(functions.get(name), seen);
  }

  private void run(GrubStatement.Command command) throws IOException, NoKernelException {
    if (++steps > MAX_STEPS) {
      throw new NoKernelException("it does more than a configuration has to");
    }
    String first = command.words().getFirst();
    if (GrubCommand.isAssignment(first)) {
      assign(variables.text(first));
      return;
    }
    List<String> words = variables.expand(command.words());
    List<String> arguments = words.isEmpty() ? words : words.subList(1, words.size());
    switch (words.isEmpty() ? "" : words.getFirst()) {
      case "set" -> arguments.stream().findFirst().ifPresent(this::assign);
      case "unset" -> arguments.forEach(variables::remove);
      case "load_env" -> loadEnvironment();
      case "search", "search.fs_uuid", "search.file" -> files.search(words);
      case "linux", "linux16", "linuxefi" -> linux(arguments);
      case "initrd", "initrd16", "initrdefi" -> {
        for (String path : arguments) {
          initrds.add(files.file(path));
        }
      }
      case "source", ".", "configfile" -> source(arguments);
      case "blscfg" -> usesLoaderEntries = true;
      default -> {
        if (GrubCommand.matters(words)) {
          throw new NoKernelException(
              "the command '%s' is not understood here".formatted(String.join(" ", words)));
        }
        if (calls(first, new TreeSet<>())) {
          call(first);
        }
      }
    }
  }

  private void call(String function) throws IOException, NoKernelException {
    if (++depth > MAX_DEPTH) {
      throw new NoKernelException("the function '%s' calls itself".formatted(function));
    }
    run(functions.get(function));
    depth--;
  }

  private void assign(String assignment) {
    int equals = assignment.indexOf('=');
    if (equals > 0) {
      variables.set(assignment.substring(0, equals), assignment.substring(equals + 1));
    }
  }

  private void loadEnvironment() throws IOException {
    home.files()
        .read(directory + "/grubenv", MAX_FILE)
        .ifPresent(file -> EnvironmentBlock.parse(file).forEach(variables::set));
  }

  private void source(List<String> arguments) throws IOException, NoKernelException {
    String path = arguments.isEmpty() ? "" : arguments.getFirst();
    if (++sources > MAX_SOURCES) {
      throw new NoKernelException("it reads too many other files");
    }
    Volume.File file = files.file(path);
    run(parse(file.volume().files().read(file.path(), MAX_FILE).orElseThrow()));
  }

  private void linux(List<String> arguments) throws IOException, NoKernelException {
    if (arguments.isEmpty()) {
      throw new NoKernelException("a command linux names no kernel");
    }
    kernel = files.file(arguments.getFirst());
    options = String.join(" ", arguments.subList(1, arguments.size()));
    initrds.clear();
  }
}
