package dev.monoceros.images.bootdisk;

import java.util.List;

/** A statement of GRUB's shell; words are as written, with their quotes and variables. */
sealed interface GrubStatement {
  /** A command or an assignment. */
  record Command(List<String> words) implements GrubStatement {}

  /**
   * if, elif, else.
   *
   * @param branches in their order; the last has no condition when there is an else
   */
  record If(List<Branch> branches) implements GrubStatement {}

  /**
   * A condition and what follows it.
   *
   * @param condition commands, of which the last decides; empty for else
   */
  record Branch(List<GrubStatement> condition, List<GrubStatement> body) {}

  /** while, until, for. */
  record Loop(String keyword, List<GrubStatement> body) implements GrubStatement {}

  /** function NAME { ... }. */
  record Function(String name, List<GrubStatement> body) implements GrubStatement {}

  /**
   * menuentry or submenu.
   *
   * @param submenu whether it holds entries of its own
   * @param words title and options
   */
  record Menu(boolean submenu, List<String> words, List<GrubStatement> body)
      implements GrubStatement {}
}
