package dev.monoceros.images.distro;

import dev.monoceros.images.ImagesException;
import dev.monoceros.images.tree.FileTree;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Puts programs of unpacked packages into a tree, with the libraries they name and no more: what
 * else the packages depend on is there for maintainer scripts, which nobody runs.
 */
final class ProgramTree {
  private static final List<String> PROGRAMS = List.of("usr/bin", "usr/sbin");

  /** Every dynamic program names it as its interpreter (x86-64 psABI as Linux has it). */
  private static final String LOADER = "usr/lib64/ld-linux-x86-64.so.2";

  private static final Pattern LIBRARY = Pattern.compile(".*\\.so(\\.[^/]*)?");
  private static final int HEAD_BYTES = 64;
  private static final int PROGRAM = 0755;
  private static final int PLAIN = 0644;

  private final FileTree.Builder tree;
  private final Path libraries;
  private final Map<String, Path> byName = new TreeMap<>();
  private final Set<Path> done = new TreeSet<>();
  private final Deque<Path> waiting = new ArrayDeque<>();

  /**
   * Adds to a tree.
   *
   * @param libraries where packages are unpacked that have the libraries
   */
  ProgramTree(FileTree.Builder tree, Path libraries) throws IOException {
    this.tree = tree;
    this.libraries = libraries;
    try (Stream<Path> files = Files.walk(libraries.resolve("usr/lib"))) {
      files
          .filter(file -> LIBRARY.matcher(file.getFileName().toString()).matches())
          .filter(file -> !Files.isDirectory(file))
          .sorted()
          .forEach(file -> byName.putIfAbsent(file.getFileName().toString(), file));
    }
  }

  /** Adds all programs and settings of these packages. */
  void add(Path packages) throws IOException {
    for (String directory : PROGRAMS) {
      for (Path file : sorted(packages.resolve(directory))) {
        if (Files.isSymbolicLink(file) || runs(file)) {
          copy(packages, file, PROGRAM);
        }
      }
    }
    for (Path file : sorted(packages.resolve("etc"))) {
      copy(packages, file, PLAIN);
    }
    copy(libraries, libraries.resolve(LOADER), PROGRAM);
    while (!waiting.isEmpty()) {
      for (String name : ElfLibraries.needed(waiting.removeFirst())) {
        library(name);
      }
    }
  }

  /** A program for the guest, or a script for the one interpreter that is there. */
  private static boolean runs(Path file) throws IOException {
    byte[] head;
    try (InputStream stream = Files.newInputStream(file)) {
      head = stream.readNBytes(HEAD_BYTES);
    }
    return ElfLibraries.isElf(head)
        || new String(head, StandardCharsets.ISO_8859_1).startsWith("#!/bin/sh");
  }

  private void library(String name) throws IOException {
    Path file = byName.get(name);
    if (file == null) {
      throw new ImagesException(
          ImagesException.Kind.BAD_INPUT,
          "The packages of the tools have no library " + name + ", which one of them needs.");
    }
    if (done.add(file)) {
      copy(libraries, file, PROGRAM);
    }
  }

  private void copy(Path base, Path file, int mode) throws IOException {
    String path = base.relativize(file).toString();
    if (Files.isSymbolicLink(file)) {
      Path target = Files.readSymbolicLink(file);
      tree.symlink(path, target.toString());
      Path next = file.resolveSibling(target).normalize();
      if (Files.exists(next, LinkOption.NOFOLLOW_LINKS) && done.add(next)) {
        copy(base, next, mode);
      }
      return;
    }
    tree.file(path, file, mode);
    try (InputStream stream = Files.newInputStream(file)) {
      if (ElfLibraries.isElf(stream.readNBytes(HEAD_BYTES))) {
        waiting.add(file);
      }
    }
  }

  private static List<Path> sorted(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(file -> !Files.isDirectory(file)).sorted().toList();
    }
  }
}
