package dev.monoceros.images.apt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.monoceros.images.CacheOptions;
import dev.monoceros.images.ImagesException;
import dev.monoceros.images.Suite;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which mirror is taken from a machine's apt configuration. */
class DebianArchiveTest {
  @TempDir Path apt;

  @Test
  void oneLineEntriesGiveArchiveAndSecurityArchive() throws IOException {
    Files.writeString(
        apt.resolve("sources.list"),
        """
        # deb http://commented.example/debian bookworm main
        deb-src http://sources.example/debian bookworm main
        deb [ arch=amd64 signed-by=/keys/own.gpg ] http://mirror.example/debian/ bookworm main contrib # trailing
        deb http://security.example/debian-security bookworm-security main
        """);

    DebianArchive found = find();

    assertThat(found.main().uri()).isEqualTo("http://mirror.example/debian/");
    assertThat(found.main().signedBy()).contains("/keys/own.gpg");
    assertThat(found.security().orElseThrow().uri())
        .isEqualTo("http://security.example/debian-security");
  }

  @Test
  void deb822EntriesGiveArchiveAndSecurityArchive() throws IOException {
    sources(
        "debian.sources",
        """
        Types: deb deb-src
        # a comment in the middle
        URIs: mirror+file:///etc/apt/mirrors/debian.list
        Suites: trixie trixie-updates
        Components: main

        Types: deb
        URIs: mirror+file:///etc/apt/mirrors/debian-security.list
        Suites: trixie-security
        Components: main
        """);

    DebianArchive found = find();

    assertThat(found.main().uri()).isEqualTo("mirror+file:///etc/apt/mirrors/debian.list");
    assertThat(found.security().orElseThrow().uri())
        .isEqualTo("mirror+file:///etc/apt/mirrors/debian-security.list");
  }

  @Test
  void aThirdPartyThatUsesDebiansSuiteNamesIsPassedOver() throws IOException {
    sources(
        "a-vendor.list",
        "deb [signed-by=/usr/share/keyrings/vendor.gpg] https://vendor.example/debian/12/prod bookworm main\n");
    sources("z.list", "deb http://mirror.example/debian bookworm main\n");

    assertThat(find().main().uri()).isEqualTo("http://mirror.example/debian");
  }

  @Test
  void anArchiveSignedWithDebiansKeyCountsWhateverItsPath() throws IOException {
    sources(
        "a.sources",
        """
        Types: deb
        URIs: http://cache.example/everything
        Suites: bookworm
        Components: main
        Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
        """);

    assertThat(find().main().uri()).isEqualTo("http://cache.example/everything");
  }

  @Test
  void aSnapshotArchiveIsRecognised() throws IOException {
    sources(
        "s.list", "deb http://snapshot.example/archive/debian/20250520T000000Z bookworm main\n");

    assertThat(find().main().uri()).endsWith("/20250520T000000Z");
  }

  @Test
  void disabledEntriesAndDiscsAreNoMirrors() throws IOException {
    sources("cd.list", "deb cdrom:[Debian]/debian bookworm main\n");
    sources(
        "off.sources",
        "Types: deb\nEnabled: no\nURIs: http://mirror.example/debian\nSuites: bookworm\nComponents: main\n");

    assertThatThrownBy(this::find).isInstanceOf(ImagesException.class);
  }

  @Test
  void aMachineThatIsNoDebianIsToldWhatToGive() throws IOException {
    sources(
        "ubuntu.sources",
        "Types: deb\nURIs: http://archive.example/ubuntu\nSuites: noble\nComponents: main universe\n");

    assertThatThrownBy(this::find)
        .isInstanceOfSatisfying(
            ImagesException.class, e -> assertThat(e.kind()).isEqualTo(ImagesException.Kind.NO_APT))
        .hasMessage(
            "This machine's apt names no Debian archive: set MONOCEROS_MIRROR to one and MONOCEROS_KEYRING to Debian's keyring file.");
  }

  @Test
  void aMachineWithoutAptsDirectoryIsToldTheSame() {
    CacheOptions options = options().withAptDirectory(apt.resolve("nowhere"));

    assertThatThrownBy(() -> DebianArchive.find(options)).hasMessageContaining("MONOCEROS_MIRROR");
  }

  @Test
  void aMirrorGivenByHandNeedsNoAptConfiguration() {
    CacheOptions options =
        CacheOptions.fromEnvironment(
            Map.of("HOME", "/h", "MONOCEROS_MIRROR", "http://m.example/debian"));

    assertThat(DebianArchive.find(options).main().uri()).isEqualTo("http://m.example/debian");
    assertThat(DebianArchive.find(options).security()).isEmpty();
  }

  @Test
  void anUnreadableKeyringIsNamed() {
    CacheOptions options =
        CacheOptions.fromEnvironment(
            Map.of(
                "HOME",
                "/h",
                "MONOCEROS_MIRROR",
                "http://m.example/debian",
                "MONOCEROS_KEYRING",
                "/no/key.gpg"));

    assertThatThrownBy(() -> DebianArchive.find(options))
        .hasMessage("Cannot read the keyring /no/key.gpg given for the mirror.");
  }

  @Test
  void onlyReleasedSuitesHaveSecurityUpdatesInTheSourceFile() throws IOException {
    Files.writeString(
        apt.resolve("sources.list"),
        "deb [signed-by=/k] http://m.example/debian bookworm main\ndeb [signed-by=/k] http://s.example/debian-security bookworm-security main\n");

    String released =
        """
        Types: deb
        URIs: http://m.example/debian
        Suites: trixie
        Components: main
        Architectures: amd64
        Targets: Packages
        Signed-By: /k

        Types: deb
        URIs: http://s.example/debian-security
        Suites: trixie-security
        Components: main
        Architectures: amd64
        Targets: Packages
        Signed-By: /k
        """;
    assertThat(find().sourcesFor(Suite.TRIXIE, "amd64")).isEqualTo(released);
    assertThat(find().sourcesFor(Suite.SID, "arm64"))
        .contains("Suites: sid\n", "Architectures: arm64\n")
        .doesNotContain("security");
  }

  @Test
  void anEmbeddedKeyIsCarriedOverWhole() throws IOException {
    String key =
        "\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQINBA\n -----END PGP PUBLIC KEY BLOCK-----";
    sources(
        "d.sources",
        "Types: deb\nURIs: http://m.example/debian\nSuites: bookworm\nComponents: main\nSigned-By:"
            + key
            + "\n");

    assertThat(find().sourcesFor(Suite.FORKY, "amd64")).contains("Signed-By:" + key + "\n");
  }

  private DebianArchive find() {
    return DebianArchive.find(options());
  }

  private CacheOptions options() {
    return CacheOptions.fromEnvironment(Map.of("HOME", "/home/user")).withAptDirectory(apt);
  }

  private void sources(String name, String text) throws IOException {
    Files.createDirectories(apt.resolve("sources.list.d"));
    Files.writeString(apt.resolve("sources.list.d").resolve(name), text);
  }
}
