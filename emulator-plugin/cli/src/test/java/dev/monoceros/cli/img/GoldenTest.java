package dev.monoceros.cli.img;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The same command lines by us and by qemu-img 7.2 print the same on both streams, end with the
 * same exit code, and leave images in which qemu-img finds the same.
 */
final class GoldenTest {
  private static final List<String> CORPORA =
      List.of(
          "tool",
          "create",
          "info",
          "check",
          "map",
          "resize",
          "snapshot",
          "amend",
          "bitmap",
          "convert",
          "compare",
          "commit",
          "rebase",
          "measure",
          "dd",
          "bench");

  private static GoldenRun run;

  @BeforeAll
  static void findTools() {
    run = new GoldenRun(RealTools.open());
  }

  @TestFactory
  Stream<DynamicNode> asQemuImg() {
    return CORPORA.stream()
        .map(
            corpus ->
                DynamicContainer.dynamicContainer(
                    corpus,
                    GoldenCase.read("/golden/" + corpus + ".txt").stream().map(GoldenTest::test)));
  }

  private static DynamicTest test(GoldenCase golden) {
    return DynamicTest.dynamicTest(
        golden.name(), () -> assertThat(run.differences(golden)).isEmpty());
  }
}
