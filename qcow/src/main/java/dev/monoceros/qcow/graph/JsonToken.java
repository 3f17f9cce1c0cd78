package dev.monoceros.qcow.graph;

/**
 * A token of JSON.
 *
 * @param text as it stands in the input, quotes included
 */
record JsonToken(Kind kind, String text) {
  enum Kind {
    STRING,
    INTEGER,
    FLOAT,
    KEYWORD,
    LEFT_BRACE,
    RIGHT_BRACE,
    LEFT_BRACKET,
    RIGHT_BRACKET,
    COLON,
    COMMA
  }
}
