package dev.monoceros.images.apt;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class Deb822Test {
  @Test
  void stanzasAreSplitAtBlankLinesAndFieldNamesIgnoreCase() {
    assertThat(Deb822.parse("Package: a\nVERSION: 1\n\n \nPackage:b\n"))
        .hasSize(2)
        .first()
        .asString()
        .isEqualTo("{package=a, version=1}");
  }

  @Test
  void continuationLinesBelongToTheFieldBefore() {
    assertThat(Deb822.parse("Description: one\n two\n  three \n").getFirst())
        .containsEntry("description", "one\n two\n  three");
  }

  @Test
  void commentsAreLeftOutEvenInsideAStanza() {
    assertThat(Deb822.parse("# head\nA: 1\n# middle\nB: 2\n").getFirst()).hasSize(2);
  }

  @Property
  void anyTextIsReadWithoutAnException(@ForAll String text) {
    assertThat(Deb822.parse(text)).allSatisfy(stanza -> assertThat(stanza).isNotEmpty());
  }
}
