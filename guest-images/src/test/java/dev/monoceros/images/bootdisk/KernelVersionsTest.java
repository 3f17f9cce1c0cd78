package dev.monoceros.images.bootdisk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The order of versions, as dpkg has it. */
class KernelVersionsTest {
  @Test
  void numbersCountAsNumbersAndNotAsText() {
    List<String> order =
        List.of(
            "0-rescue-d5ab",
            "5.9.0-1-amd64",
            "5.10.0-30-amd64",
            "6.1.0-9-amd64",
            "6.1.0-9-cloud-amd64",
            "6.1.0-56-amd64",
            "6.12.117+deb13-amd64",
            "6.13-rc7-amd64",
            "6.13-amd64.old",
            "6.13-amd64");
    List<String> shuffled = new ArrayList<>(order);
    Collections.shuffle(shuffled, new Random(1));

    shuffled.sort(KernelVersions.ORDER);

    assertThat(shuffled).isEqualTo(order);
  }

  /** One part of a version is what dpkg compares where there is neither epoch nor revision. */
  @Test
  void aPartComparesAsDpkgSays() throws Exception {
    Random random = new Random(4);
    String alphabet = "0019az.+~B";
    int unequal = 0;
    for (int round = 0; round < 150; round++) {
      String one = text(random, alphabet);
      String other = random.nextInt(4) == 0 ? one + text(random, "0~a") : text(random, alphabet);
      int order = Integer.signum(KernelVersions.part(one, other));
      String relation = order < 0 ? "lt" : order > 0 ? "gt" : "eq";
      assertThat(dpkgAgrees(one, relation, other)).as("%s %s %s", one, relation, other).isTrue();
      assertThat(Integer.signum(KernelVersions.part(other, one))).isEqualTo(-order);
      unequal += Math.abs(order);
    }
    assertThat(unequal).isBetween(50, 149);
  }

  private static String text(Random random, String alphabet) {
    StringBuilder text = new StringBuilder("1");
    for (int i = random.nextInt(7); i > 0; i--) {
      text.append(alphabet.charAt(random.nextInt(alphabet.length())));
    }
    return text.toString();
  }

  private static boolean dpkgAgrees(String one, String relation, String other)
      throws IOException, InterruptedException {
    return new ProcessBuilder("dpkg", "--compare-versions", one, relation, other)
            .inheritIO()
            .start()
            .waitFor()
        == 0;
  }
}
