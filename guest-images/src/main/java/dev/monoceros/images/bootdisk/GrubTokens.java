package dev.monoceros.images.bootdisk;

import java.util.ArrayList;
import java.util.List;

/**
 * The words of a file in GRUB's shell language (GRUB manual, "Writing full configuration files
 * directly"): separated by blanks, quotes kept; line ends and semicolons are tokens of their own.
 */
final class GrubTokens {
  /** Ends a command. */
  static final String END = "\n";

  private final String text;
  private final List<String> tokens = new ArrayList<>();
  private int at;

  private GrubTokens(String text) {
    this.text = text;
  }

  static List<String> of(String text) throws NoKernelException {
    GrubTokens tokens = new GrubTokens(text.replace("\r\n", "\n"));
    tokens.read();
    tokens.tokens.add(END);
    return tokens.tokens;
  }

  private void read() throws NoKernelException {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '\n' || c == ';') {
        tokens.add(END);
        at++;
      } else if (c == ' ' || c == '\t') {
        at++;
      } else if (c == '\\' && at + 1 < text.length() && text.charAt(at + 1) == '\n') {
        at += 2;
      } else if (c == '#') {
        int end = text.indexOf('\n', at);
        at = end < 0 ? text.length() : end;
      } else if (c == '{' || c == '}') {
        tokens.add(String.valueOf(c));
        at++;
      } else if (c == '|' || c == '&' || c == '<' || c == '>') {
        throw new NoKernelException("'%s' in line %d is not understood here".formatted(c, line()));
      } else {
        tokens.add(word());
      }
    }
  }

  private String word() throws NoKernelException {
    int start = at;
    while (at < text.length() && " \t\n;{}|&<>".indexOf(text.charAt(at)) < 0) {
      switch (text.charAt(at)) {
        case '\\' -> at++;
        case '\'' -> skipTo('\'', false);
        case '"' -> skipTo('"', true);
        case '$' -> {
          if (text.startsWith("${", at)) {
            skipTo('}', false);
          }
        }
        default -> {}
      }
      at++;
    }
    at = Math.min(at, text.length());
    return text.substring(start, at);
  }

  private void skipTo(char end, boolean escapes) throws NoKernelException {
    int begin = line();
    do {
      at += escapes && text.charAt(at) == '\\' ? 2 : 1;
      if (at >= text.length()) {
        throw new NoKernelException("line %d has a quote that never ends".formatted(begin));
      }
    } while (text.charAt(at) != end);
  }

  private int line() {
    return 1 + (int) text.substring(0, at).chars().filter(c -> c == '\n').count();
  }
}
