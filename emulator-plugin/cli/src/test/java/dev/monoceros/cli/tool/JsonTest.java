package dev.monoceros.cli.tool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The expected texts were printed by qemu-img 7.2. */
final class JsonTest {
  @Test
  void membersStandInTheOrderOfQemusHashTable() {
    Json object =
        Json.members()
            .put("filename", "a")
            .put("format", "qcow2")
            .put("check-errors", 0)
            .put("total-clusters", 1024)
            .put("allocated-clusters", 16)
            .put("image-end-offset", 1376256);

    assertThat(object.pretty())
        .isEqualTo(
            """
            {
                "image-end-offset": 1376256,
                "total-clusters": 1024,
                "check-errors": 0,
                "allocated-clusters": 16,
                "filename": "a",
                "format": "qcow2"
            }""");
  }

  @Test
  void emptyArraysAndObjectsStillHaveTheirLines() {
    assertThat(Json.items(List.of()).pretty()).isEqualTo("[\n]");
    assertThat(Json.members().pretty()).isEqualTo("{\n}");
  }

  @Test
  void everythingBeyondPrintableAsciiIsEscaped() {
    assertThat(new Json.Text("a\"\\\n\t\u0001\u007f\u00e9\ud83d\ude00").compact())
        .isEqualTo("\"a\\\"\\\\\\n\\t\\u0001\\u007F\\u00E9\\uD83D\\uDE00\"");
  }
}
