package dev.monoceros.qcow.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.monoceros.qcow.BackingPolicy;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.OpenOptions;
import dev.monoceros.qcow.io.ImageFault;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** The syntax of names and options: nothing is lost, and no text gets the better of it. */
class OptionSyntaxTest {
  @Provide
  Arbitrary<OptionMap> trees() {
    return tree(3);
  }

  private static Arbitrary<String> text() {
    // Characters that are special in one of the syntaxes come often.
    return Arbitraries.strings()
        .withChars("{}[]:,.='\"\\ \u0001\u0000aé漢\ue000x/-")
        .withCharRange('a', 'z')
        .ofMaxLength(8);
  }

  private static Arbitrary<OptionMap> tree(int depth) {
    return Arbitraries.maps(text(), value(depth))
        .ofMaxSize(4)
        .map(
            entries -> {
              OptionMap map = new OptionMap();
              entries.forEach(map::put);
              return map;
            });
  }

  private static Arbitrary<OptionValue> value(int depth) {
    List<Arbitrary<OptionValue>> kinds = new ArrayList<>();
    kinds.add(text().map(OptionValue.Text::new));
    kinds.add(Arbitraries.longs().map(n -> new OptionValue.Number(Long.toString(n))));
    kinds.add(Arbitraries.of(true, false).map(OptionValue.Flag::new));
    kinds.add(Arbitraries.just(new OptionValue.Null()));
    if (depth > 0) {
      kinds.add(Arbitraries.lazy(() -> tree(depth - 1).map(OptionValue.Tree::new)));
      kinds.add(
          Arbitraries.lazy(() -> value(depth - 1).list().ofMaxSize(3).map(OptionValue.Items::new)));
    }
    return Arbitraries.oneOf(kinds);
  }

  @Property(tries = 100)
  void whatIsPrintedAsJsonIsReadAsTheSame(@ForAll("trees") OptionMap map) throws ImageFault {
    assertThat(JsonReader.read(JsonText.of(map))).isEqualTo(new OptionValue.Tree(map));
  }

  @Property(tries = 100)
  void flatOptionsSurviveBothSyntaxes(@ForAll("trees") OptionMap map) throws ImageFault {
    OptionMap texts = new OptionMap();
    OptionMap flat = map.flattened();
    for (String key : flat.keys()) {
      String text = OptionReader.textOf(flat.get(key));
      boolean plain = key.indexOf('=') < 0 && key.indexOf(',') < 0 && !key.equals("id");
      if (text != null && plain) {
        texts.put(key, text);
      }
    }
    String line =
        texts.keys().stream()
            .map(key -> key + "=" + texts.text(key).replace(",", ",,"))
            .collect(Collectors.joining(","));
    List<String> warnings = new ArrayList<>();
    assertThat(OptionText.parse(line, warnings::add)).isEqualTo(texts);
    assertThat(warnings).isEmpty();
  }

  @Property(tries = 100)
  void aNestedOptionIsTheSameAsADottedOne(@ForAll("trees") OptionMap inner) {
    OptionMap nested = new OptionMap();
    nested.put("file", new OptionValue.Tree(inner));
    OptionMap below = nested.flattened().takeBelow("file.");
    assertThat(below).isEqualTo(inner.flattened());
  }

  @Property(tries = 300)
  void anyNameIsOpenedOrRefused(@ForAll @Size(max = 60) String name) {
    assertRefused(name);
    assertRefused("json:" + name);
    assertRefused("blkdebug:" + name);
  }

  @Property(tries = 300)
  void brokenJsonIsRefused(@ForAll("trees") OptionMap map, @ForAll int cut, @ForAll char with) {
    String text = JsonText.of(map);
    int at = Math.floorMod(cut, text.length());
    assertRefused("json:" + text.substring(0, at) + with + text.substring(at));
    assertRefused("json:" + text.substring(0, at) + text.substring(at + 1));
    assertRefused("json:" + text.substring(at));
  }

  @Property(tries = 300)
  void anyOptionTextIsOpenedOrRefused(@ForAll("optionTexts") String text) {
    try {
      BlockGraph.openOptions(text, look()).close();
    } catch (ImageException e) {
      assertThat(e.sentence()).isNotBlank();
    }
  }

  @Provide
  Arbitrary<String> optionTexts() {
    return Arbitraries.of(
            "driver=",
            "file.",
            "image.",
            "backing.",
            "raw",
            "null-co",
            "qcow2",
            "throttle",
            "blkdebug",
            "copy-on-read",
            "preallocate",
            "inject-error.0.",
            "event=",
            "offset=",
            "size=",
            "-1",
            "0x",
            "9E",
            ".5k",
            "1e400",
            "read-only=on",
            ",",
            ",",
            ",",
            "=",
            "detect-zeroes=on",
            "\u0000",
            "é")
        .list()
        .ofMaxSize(14)
        .map(parts -> String.join("", parts));
  }

  private static OpenOptions look() {
    return OpenOptions.defaults().withReadOnly(true).withBacking(BackingPolicy.ALLOW);
  }

  private static void assertRefused(String name) {
    try {
      BlockGraph.open(name, Optional.empty(), look()).close();
    } catch (ImageException e) {
      assertThat(e.sentence()).isNotBlank();
    }
  }

  @Test
  void nestingIsBoundedBeforeTheStackIs() {
    String json = "json:" + "{\"file\":".repeat(100_000);
    StringBuilder dotted = new StringBuilder("driver=raw");
    for (int depth = 1; depth < 2000; depth++) {
      dotted.append(",").append("file.".repeat(depth)).append("driver=raw");
    }
    String brackets = "json:" + "[".repeat(1_000_000);
    for (String name : List.of(json, brackets)) {
      try {
        BlockGraph.open(name, Optional.empty(), look()).close();
        fail("opened");
      } catch (ImageException e) {
        assertThat(e.sentence()).endsWith("JSON nesting depth limit exceeded");
      }
    }
    try {
      BlockGraph.openOptions(dotted.toString(), look()).close();
      fail("opened");
    } catch (ImageException e) {
      assertThat(e.sentence()).contains("more than 256 nodes are stacked");
    }
  }
}
