package dev.monoceros.images.distro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.monoceros.images.CacheOptions;
import dev.monoceros.images.ImagesException;
import dev.monoceros.images.PackageCache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where built images lie, and when they are built. */
class ImageStoreTest {
  @TempDir Path temporary;
  private ImageStore store;
  private int builds;

  @BeforeEach
  void open() {
    store = new ImageStore(PackageCache.open(CacheOptions.defaults().withDirectory(temporary)));
  }

  @Test
  void theSameInputsAreBuiltOnce() throws IOException {
    Path first = obtain("packages and options");
    Path second = obtain("packages and options");

    assertThat(second).isEqualTo(first).hasContent("image 1");
    assertThat(builds).isEqualTo(1);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(first)))
        .isEqualTo("r--r--r--");
  }

  @Test
  void otherInputsAreAnotherImageAndBothSayWhatTheyAreMadeOf() {
    Path first = obtain("one");
    Path second = obtain("two");

    assertThat(first).hasContent("image 1");
    assertThat(second).hasContent("image 2").isNotEqualTo(first);
    assertThat(listOf(first)).hasContent("one");
    assertThat(listOf(second)).hasContent("two");
  }

  @Test
  void aBuildThatFailsLeavesNothingBehind() {
    assertThatThrownBy(
            () ->
                store.obtain(
                    "x",
                    "inputs",
                    (image, work) -> {
                      write(image, "half");
                      write(work.resolve("rubbish"), "rubbish");
                      throw new ImagesException(ImagesException.Kind.TOOL_FAILED, "It failed.");
                    }))
        .hasMessage("It failed.");

    assertThat(temporary.resolve("images")).isEmptyDirectory();
  }

  @Test
  void clearingTheCacheTakesTheImagesToo() {
    Path image = obtain("one");

    PackageCache.open(CacheOptions.defaults().withDirectory(temporary)).clear();

    assertThat(image).doesNotExist();
  }

  private Path obtain(String inputs) {
    return store.obtain("x", inputs, (image, work) -> write(image, "image " + ++builds));
  }

  private static Path listOf(Path image) {
    return image.resolveSibling(image.getFileName().toString().replace(".qcow2", ".txt"));
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
