package dev.monoceros.cli.directory;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class RawWordsTest {
  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  @Test
  void whatIsNoTextInTheLocaleKeepsItsBytes() {
    byte[] line = bytes("java\0Main\0run\0--\0sh\0\u00ff\u0080x\0\0");
    assertThat(RawWords.last(List.of("sh", "\ufffd\ufffdx", ""), line, StandardCharsets.US_ASCII))
        .containsExactly("sh", "\u00ff\u0080x", "");
  }

  @Test
  void wordsOfAnotherCommandLineAreNotTaken() {
    byte[] line = bytes("java\0Main\0run\0");
    assertThat(RawWords.last(List.of("gr\u00fcn"), line, StandardCharsets.UTF_8))
        .containsExactly("gr\u00c3\u00bcn");
    assertThat(RawWords.last(List.of("a", "b", "c", "d"), line, StandardCharsets.UTF_8))
        .containsExactly("a", "b", "c", "d");
  }
}
