package dev.monoceros.unicorn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UnicornLibraryTest {
  @TempDir Path temp;

  @ParameterizedTest
  @ValueSource(strings = {"2.1.4", "2.1.1"})
  void probesOfASupportedVersionPass(String version) {
    UnicornLibrary library = TestLibraries.load(version);
    assertThat(library.versionText()).startsWith("2.1.");
    // The x86-64 registers come first in CPUX86State, CR0 to CR4 after ten segment registers.
    StateLayout layout = library.layout();
    assertThat(layout.rip()).isEqualTo(16 * 8);
    assertThat(layout.controls()).isEqualTo(layout.segments() + 10 * StateLayout.SEGMENT_STRIDE);
  }

  @Test
  void onlyTheReferenceVersionIsDeterministic() {
    assertThat(TestLibraries.load(TestLibraries.REFERENCE).deterministic()).isTrue();
    assertThat(TestLibraries.load("2.1.1").deterministic()).isFalse();
  }

  @Test
  void missingFileIsNamed() {
    Path file = temp.resolve("libunicorn.so.2");
    assertThatThrownBy(() -> UnicornLibrary.load(file))
        .isInstanceOf(UnicornException.class)
        .hasMessage("There is no readable libunicorn at " + file);
  }

  @Test
  void fileThatIsNoLibraryIsNamed() throws IOException {
    Path file = Files.writeString(temp.resolve("libunicorn.so.2"), "not a library");
    assertThatThrownBy(() -> UnicornLibrary.load(file))
        .isInstanceOf(UnicornException.class)
        .hasMessageStartingWith(file + " cannot be loaded as a shared library");
  }

  @Test
  void libraryThatIsNotUnicornIsNamed() {
    Path libc = Path.of("/proc/self/exe");
    assertThatThrownBy(() -> UnicornLibrary.load(libc)).isInstanceOf(UnicornException.class);
  }

  @Test
  void candidatesThatFailAreSkippedAndTheBestThatLoadsIsTaken() throws IOException {
    Path broken = Files.writeString(temp.resolve("broken.so"), "not a library");
    Path good = TestLibraries.file(TestLibraries.REFERENCE);
    UnicornLibrary found = UnicornLibrary.find(List.of(temp.resolve("absent.so"), broken, good));
    assertThat(found.file()).isEqualTo(good);
  }
}
