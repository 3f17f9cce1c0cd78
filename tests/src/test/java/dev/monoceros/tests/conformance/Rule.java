package dev.monoceros.tests.conformance;

/**
 * One rule of the checklist.
 *
 * @param number as in {@link dev.monoceros.virtio.testing.Must}
 * @param force how binding it is
 * @param section of virtio 1.2, or where else it comes from
 * @param text the requirement in one sentence
 */
record Rule(int number, Force force, String section, String text) {

  /** RFC 2119's words. */
  enum Force {
    M("must"),
    N("must not"),
    S("should"),
    X("should not");

    private final String words;

    Force(String words) {
      this.words = words;
    }

    String words() {
      return words;
    }
  }
}
