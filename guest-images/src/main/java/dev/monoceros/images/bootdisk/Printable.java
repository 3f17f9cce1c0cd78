package dev.monoceros.images.bootdisk;

/** Text from a guest's disk, on its way to somebody's terminal. */
final class Printable {
  private Printable() {}

  static String of(String text) {
    return text.replaceAll("\\p{Cntrl}+", " ");
  }
}
