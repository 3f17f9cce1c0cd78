package dev.monoceros.machine.virtio;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Oracle: the documented formula in Python's hashlib. */
class RandomStreamTest {
  @ParameterizedTest
  @CsvSource({
    "0,  e19cfc20cd4ef3bd5f2087319f76f19205d3584fb29f5822b3a1c415c8c26d214223bbb98732e2af122b13f1e3ad08586e05bccaac2941fc24a7f37eb2ee1f60",
    "-5, 3d85612fd64b114ab2fee419c2515273161b0db8d7c4383da23f1a6626a67416bfc4221d6f061322222f3c2ec3be6cbabca2eac1d9c17d7a101f160bdad277c9"
  })
  void theStreamIsWhatItsDocumentationSaysHoweverItIsCut(long seed, String expected) {
    byte[] whole = new byte[64];
    new RandomStream(seed).fill(MemorySegment.ofArray(whole));
    assertThat(HexFormat.of().formatHex(whole)).isEqualTo(expected);

    RandomStream stream = new RandomStream(seed);
    byte[] cut = new byte[64];
    for (int at = 0, length = 1;
        at < cut.length;
        at += length, length = Math.min(length + 3, 64 - at)) {
      stream.fill(MemorySegment.ofArray(cut).asSlice(at, length));
    }
    assertThat(cut).isEqualTo(whole);
  }
}
