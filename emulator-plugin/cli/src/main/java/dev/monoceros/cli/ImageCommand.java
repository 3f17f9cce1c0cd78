package dev.monoceros.cli;

import dev.monoceros.cli.exit.ExitCode;
import dev.monoceros.cli.exit.Failure;
import dev.monoceros.cli.options.ByteSize;
import dev.monoceros.cli.options.OptionException;
import dev.monoceros.images.PackageCache;
import dev.monoceros.images.Suite;
import dev.monoceros.images.distro.DebianImage;
import dev.monoceros.images.distro.KernelFlavour;
import dev.monoceros.images.distro.ToolsImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code monoceros image}. */
final class ImageCommand implements Subcommand {
  private static final String DEBIAN = "debian";
  private static final String TOOLS = "tools";
  private static final List<String> DEBIAN_ONLY = List.of("--kernel", "--include", "--no-tools");

  private final HostContext host;

  ImageCommand(HostContext host) {
    this.host = host;
  }

  @Override
  public String name() {
    return "image";
  }

  @Override
  public String description() {
    return "Builds a whole disk: a Debian with systemd, or a small one with tools.";
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.addPositional(
        PositionalParamSpec.builder()
            .paramLabel("build WHAT")
            .arity("0..2")
            .type(List.class)
            .auxiliaryTypes(String.class)
            .description(
                "build debian: minimal Debian with systemd; root logs in without a password."
                    + " build tools: busybox, fio, util-linux, e2fsprogs and hdparm.")
            .build());
    spec.addOption(Subcommand.option("--suite", "NAME", "Debian release (" + suites() + ")."));
    spec.addOption(
        Subcommand.option(
            "--output", "FILE", "The new QCOW2 image (WHAT-SUITE.qcow2 in this directory)."));
    spec.addOption(Subcommand.flag("--force", "Replaces FILE if it is there."));
    spec.addOption(
        Subcommand.option("--size", "SIZE", "Size of the disk (debian: 4G, tools: 1G)."));
    spec.addOption(
        Subcommand.option(
            "--kernel", "FLAVOUR", "debian: cloud (default) or generic, the one for every PC."));
    spec.addOption(
        Subcommand.option("--include", "P1,P2", "debian: more packages, with what they need."));
    spec.addOption(
        Subcommand.flag(
            "--no-tools", "debian: leaves out " + String.join(", ", DebianImage.TOOLS) + "."));
    spec.addOption(Subcommand.flag("--offline", "Fetches nothing."));
  }

  @Override
  public int run(ParseResult options) throws IOException {
    String what = what(options);
    Suite suite = suite(options.matchedOptionValue("--suite", Suite.BOOKWORM.codename()));
    Function<PackageCache, Path> recipe =
        what.equals(DEBIAN)
            ? debian(options, suite)::obtain
            : new ToolsImage(suite, size(options, ToolsImage.DEFAULT_BYTES))::obtain;
    Path output =
        Path.of(options.matchedOptionValue("--output", what + "-" + suite.codename() + ".qcow2"));
    boolean force = options.hasMatchedOption("--force");
    ImageOutput.check(output, force);
    try (ProgressLine progress = CacheAccess.progress(host)) {
      PackageCache cache = CacheAccess.open(host, options.hasMatchedOption("--offline"), progress);
      ImageOutput.write(recipe.apply(cache), output, force);
    }
    host.print(output + "\n");
    return ExitCode.PASS;
  }

  private static String what(ParseResult options) {
    List<String> words =
        options.matchedPositionals().isEmpty()
            ? List.of()
            : options.matchedPositionals().getFirst().getValue();
    if (words.isEmpty() || !words.getFirst().equals("build")) {
      throw Failure.usage("image: say what to do: there is build");
    }
    if (words.size() > 2) {
      throw Failure.usage("image build " + words.get(1) + ": '" + words.get(2) + "' is too much");
    }
    String what = words.size() < 2 ? "" : words.get(1);
    switch (what) {
      case DEBIAN -> {}
      case TOOLS ->
          DEBIAN_ONLY.stream()
              .filter(options::hasMatchedOption)
              .findFirst()
              .ifPresent(
                  option -> {
                    throw Failure.usage("image build tools: " + option + " is for debian");
                  });
      default ->
          throw Failure.usage(
              (what.isEmpty()
                      ? "image build: say what to build"
                      : "image build: there is no image " + what)
                  + ": there are debian and tools");
    }
    return what;
  }

  private static DebianImage debian(ParseResult options, Suite suite) {
    List<String> packages = new ArrayList<>();
    if (!options.hasMatchedOption("--no-tools")) {
      packages.addAll(DebianImage.TOOLS);
    }
    Arrays.stream(options.matchedOptionValue("--include", "").split(","))
        .map(String::strip)
        .filter(name -> !name.isEmpty())
        .forEach(packages::add);
    return new DebianImage(
        suite, flavour(options), packages, size(options, DebianImage.DEFAULT_BYTES));
  }

  private static KernelFlavour flavour(ParseResult options) {
    String name = options.matchedOptionValue("--kernel", "cloud");
    return switch (name) {
      case "cloud" -> KernelFlavour.CLOUD;
      case "generic" -> KernelFlavour.GENERIC;
      default -> throw Failure.usage("--kernel: '" + name + "' is not cloud or generic");
    };
  }

  private static Suite suite(String name) {
    return Arrays.stream(Suite.values())
        .filter(suite -> suite.codename().equals(name))
        .findFirst()
        .orElseThrow(
            () -> Failure.usage("--suite: there is no '" + name + "': there are " + suites()));
  }

  private static String suites() {
    return Arrays.stream(Suite.values()).map(Suite::codename).collect(Collectors.joining(", "));
  }

  private static long size(ParseResult options, long standard) {
    String text = options.matchedOptionValue("--size", null);
    try {
      return text == null ? standard : ByteSize.parse(text, 1);
    } catch (OptionException e) {
      throw Failure.usage("--size: " + e.getMessage());
    }
  }
}
