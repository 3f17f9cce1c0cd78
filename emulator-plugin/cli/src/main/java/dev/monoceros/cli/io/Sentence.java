package dev.monoceros.cli.io;

import dev.monoceros.qcow.ImageException;

/** What an image exception says, without the name of the file. */
final class Sentence {
  private Sentence() {}

  static String of(ImageException e) {
    String message = String.valueOf(e.getMessage());
    String prefix = e.path() + ": ";
    return message.startsWith(prefix) ? message.substring(prefix.length()) : message;
  }
}
