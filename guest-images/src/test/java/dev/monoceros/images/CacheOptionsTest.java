package dev.monoceros.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CacheOptionsTest {
  @Test
  void theCacheVariableComesFirst() {
    assertThat(directory(Map.of("MONOCEROS_CACHE", "/c", "XDG_CACHE_HOME", "/x", "HOME", "/h")))
        .isEqualTo(Path.of("/c"));
  }

  @Test
  void thenTheXdgDirectoryThenTheHome() {
    assertThat(directory(Map.of("XDG_CACHE_HOME", "/x", "HOME", "/h")))
        .isEqualTo(Path.of("/x/monoceros"));
    assertThat(directory(Map.of("HOME", "/h"))).isEqualTo(Path.of("/h/.cache/monoceros"));
  }

  @Test
  void anEmptyVariableIsAnUnsetOneAndARelativeXdgDirectoryIsIgnored() {
    // XDG Base Directory Specification: "All paths set in these environment variables must be
    // absolute."
    assertThat(directory(Map.of("MONOCEROS_CACHE", "", "XDG_CACHE_HOME", "rel", "HOME", "/h")))
        .isEqualTo(Path.of("/h/.cache/monoceros"));
  }

  @Test
  void aDirectoryThatAptOrTheLoaderCannotTakeIsRefusedAtOnce() {
    for (String bad : new String[] {"/a:b", "/a\"b", "/a\nb"}) {
      assertThatThrownBy(() -> directory(Map.of("MONOCEROS_CACHE", bad)))
          .isInstanceOf(ImagesException.class)
          .hasMessageStartingWith(
              "The package cache cannot lie in a directory with a colon, quote or line feed in its name");
    }
  }

  private static Path directory(Map<String, String> environment) {
    return CacheOptions.fromEnvironment(environment).directory();
  }
}
