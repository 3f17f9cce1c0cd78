package dev.monoceros.images.bootdisk;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Statements out of words. */
final class GrubParser {
  /** Nobody's configuration is deeper. */
  private static final int MAX_DEPTH = 40;

  private final List<String> tokens;
  private int at;
  private int depth;

  private GrubParser(List<String> tokens) {
    this.tokens = tokens;
  }

  /**
   * A whole file.
   *
   * @throws NoKernelException saying what is wrong with it
   */
  static List<GrubStatement> parse(String text) throws NoKernelException {
    GrubParser parser = new GrubParser(GrubTokens.of(text));
    List<GrubStatement> statements = parser.block(Set.of());
    if (parser.at < parser.tokens.size()) {
      throw new NoKernelException("there is a '%s' without its begin".formatted(parser.peek()));
    }
    return statements;
  }

  /** Statements up to one of the words, which stays. */
  private List<GrubStatement> block(Set<String> ends) throws NoKernelException {
    if (++depth > MAX_DEPTH) {
      throw new NoKernelException("its blocks are nested too deep");
    }
    List<GrubStatement> statements = new ArrayList<>();
    while (at < tokens.size()) {
      String first = peek();
      if (first.equals(GrubTokens.END)) {
        at++;
      } else if (ends.contains(first) || first.equals("}")) {
        break;
      } else {
        statements.add(statement());
      }
    }
    depth--;
    return statements;
  }

  private GrubStatement statement() throws NoKernelException {
    String first = tokens.get(at);
    switch (first) {
      case "if" -> {
        return branches();
      }
      case "while", "until" -> {
        at++;
        block(Set.of("do"));
        return loop(first);
      }
      case "for" -> {
        words();
        block(Set.of("do"));
        return loop(first);
      }
      case "function" -> {
        at++;
        String name = next();
        return new GrubStatement.Function(name, braces());
      }
      case "menuentry", "submenu" -> {
        at++;
        List<String> words = words();
        return new GrubStatement.Menu(first.equals("submenu"), words, braces());
      }
      default -> {
        return new GrubStatement.Command(words());
      }
    }
  }

  private GrubStatement branches() throws NoKernelException {
    List<GrubStatement.Branch> branches = new ArrayList<>();
    do {
      at++; // if or elif
      List<GrubStatement> condition = block(Set.of("then"));
      expect("then");
      branches.add(new GrubStatement.Branch(condition, block(Set.of("elif", "else", "fi"))));
    } while (at < tokens.size() && peek().equals("elif"));
    if (at < tokens.size() && peek().equals("else")) {
      at++;
      branches.add(new GrubStatement.Branch(List.of(), block(Set.of("fi"))));
    }
    expect("fi");
    return new GrubStatement.If(branches);
  }

  private GrubStatement loop(String keyword) throws NoKernelException {
    expect("do");
    List<GrubStatement> body = block(Set.of("done"));
    expect("done");
    return new GrubStatement.Loop(keyword, body);
  }

  private List<GrubStatement> braces() throws NoKernelException {
    while (at < tokens.size() && peek().equals(GrubTokens.END)) {
      at++;
    }
    expect("{");
    List<GrubStatement> body = block(Set.of());
    expect("}");
    return body;
  }

  /** Up to the end of the command. */
  private List<String> words() {
    List<String> words = new ArrayList<>();
    while (at < tokens.size() && !Set.of(GrubTokens.END, "{", "}").contains(peek())) {
      words.add(tokens.get(at++));
    }
    if (words.isEmpty()) {
      words.add(tokens.get(at++)); // a brace where no block can begin
    }
    return words;
  }

  private String peek() {
    return tokens.get(at);
  }

  private String next() throws NoKernelException {
    if (at >= tokens.size()) {
      throw new NoKernelException("it ends in the middle of a statement");
    }
    return tokens.get(at++);
  }

  private void expect(String word) throws NoKernelException {
    String found = next();
    if (!found.equals(word)) {
      throw new NoKernelException(
          "there is '%s' where '%s' belongs".formatted(found.strip(), word));
    }
  }
}
