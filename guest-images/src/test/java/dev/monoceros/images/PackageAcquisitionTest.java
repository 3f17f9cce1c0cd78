package dev.monoceros.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.monoceros.images.Acquisition.Unpacked;
import dev.monoceros.images.apt.PackageRequest;
import dev.monoceros.images.apt.PackageRequest.Selection;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.commons.io.file.PathUtils;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The way from a request to an unpacked tree, through the real apt against a signed repository of
 * our own.
 */
@ExtendWith(AptRequired.class)
class PackageAcquisitionTest {
  private static final PackageRequest TOOL = request("fixture-tool", Selection.CLOSURE);
  private static final PackageRequest TOOL_ALONE = request("fixture-tool", Selection.NAMED);

  @TempDir Path temporary;
  private FixtureRepository repository;
  private Path cache;

  @BeforeEach
  void publish() {
    repository = new FixtureRepository(temporary.resolve("mirror")).publish("v1");
    cache = temporary.resolve("cache with blank");
  }

  @Test
  void aClosureIsUnpackedIntoOneTreeWithItsDependenciesFirst() throws IOException {
    Unpacked unpacked = acquisition().obtain(TOOL);

    assertThat(unpacked.packages())
        .extracting(PackageInfo::name)
        .containsExactly("fixture-lib", "fixture-tool");
    assertThat(unpacked.main().version()).isEqualTo("1:1.0-1");
    assertThat(unpacked.main().upstreamVersion()).isEqualTo("1.0");
    assertThat(unpacked.tree().resolve("usr/share/fixture-tool/text"))
        .hasContent("fixture-tool 1:1.0-1");
    assertThat(unpacked.tree().resolve("usr/share/fixture-lib/text"))
        .hasContent("fixture-lib 1.0-1");
  }

  @Test
  void aNamedPackageComesWithoutItsDependencies() {
    Unpacked unpacked = acquisition().obtain(TOOL_ALONE);

    assertThat(unpacked.packages()).extracting(PackageInfo::name).containsExactly("fixture-tool");
    assertThat(unpacked.tree().resolve("usr/share/fixture-lib")).doesNotExist();
  }

  @Test
  void aSecondUseNeedsNoRepositoryAndChangesNoFile() throws IOException {
    Unpacked first = acquisition().obtain(TOOL);
    List<String> before = snapshot();
    repository.delete();

    Unpacked second = new Acquisition(repository.options(cache).withOffline(true)).obtain(TOOL);

    assertThat(second).isEqualTo(first);
    assertThat(snapshot()).isEqualTo(before);
  }

  @Test
  void aTreeThatWasDeletedComesBackFromTheStoredPackagesEvenOffline() throws IOException {
    Unpacked first = acquisition().obtain(TOOL_ALONE);
    PathUtils.deleteDirectory(first.tree());
    repository.delete();

    Unpacked second =
        new Acquisition(repository.options(cache).withOffline(true)).obtain(TOOL_ALONE);

    assertThat(second.tree().resolve("usr/share/fixture-tool/text")).exists();
  }

  @Test
  void offlineWithAnEmptyCacheSaysWhatIsMissingAndWhatToGive() {
    ImagesException failure =
        failure(new Acquisition(repository.options(cache).withOffline(true)), TOOL);

    assertThat(failure.kind()).isEqualTo(ImagesException.Kind.OFFLINE);
    assertThat(failure)
        .hasMessage(
            "The package cache "
                + cache
                + " has no fixture-tool of bookworm and must not fetch it: give it by hand.");
    assertThat(cache).doesNotExist();
  }

  @Test
  void anIndexSignedByAStrangerIsRefused() {
    CacheOptions options = repository.options(cache);
    CacheOptions otherKey =
        new CacheOptions(
            cache,
            false,
            Progress.NONE,
            options.aptDirectory(),
            options.mirror(),
            Optional.of(FixtureRepository.key("stranger")));

    ImagesException failure = failure(new Acquisition(otherKey), TOOL);

    assertThat(failure.kind()).isEqualTo(ImagesException.Kind.FETCH_FAILED);
    assertThat(failure)
        .hasMessageStartingWith("apt could not fetch the package index of bookworm: ")
        .message()
        .doesNotContain("\n");
    assertNothingWasStored();
  }

  @Test
  void anIndexThatDiffersFromTheSignedOneIsRefused() throws IOException {
    repository.tamperWithIndex();

    ImagesException failure = failure(acquisition(), TOOL);

    assertThat(failure.kind()).isEqualTo(ImagesException.Kind.FETCH_FAILED);
    assertNothingWasStored();
  }

  @Test
  void aPackageThatDiffersFromTheSignedIndexIsRefused() throws IOException {
    repository.corruptPackage("fixture-tool");

    ImagesException failure = failure(acquisition(), TOOL);

    assertThat(failure.kind()).isEqualTo(ImagesException.Kind.FETCH_FAILED);
    assertThat(cache.resolve("tree")).doesNotExist();
  }

  @Test
  void aStoredPackageThatWasDamagedIsNotUnpacked() throws IOException {
    Unpacked first = acquisition().obtain(TOOL_ALONE);
    PathUtils.deleteDirectory(first.tree());
    Path blob =
        cache.resolve(
            "store/sha256/"
                + first.main().sha256().substring(0, 2)
                + "/"
                + first.main().sha256()
                + ".deb");
    Files.write(blob, new byte[] {1, 2, 3});

    ImagesException failure = failure(acquisition(), TOOL_ALONE);

    assertThat(failure)
        .hasMessageContaining("fixture-tool is damaged")
        .hasMessageContaining(blob.toString());
  }

  @Test
  void aPackageUnknownToTheSuiteIsOneSentence() {
    ImagesException failure = failure(acquisition(), request("no-such-thing", Selection.NAMED));

    assertThat(failure.kind()).isEqualTo(ImagesException.Kind.FETCH_FAILED);
    assertThat(failure)
        .hasMessage(
            "apt could not resolve no-such-thing of bookworm: Unable to locate package no-such-thing.");
  }

  @Test
  void aPackageSupersededSinceTheIndexWasFetchedIsResolvedAnew() {
    acquisition().obtain(TOOL_ALONE);
    repository.publish("v2");

    Unpacked later = acquisition().obtain(request("fixture-lib", Selection.NAMED));

    assertThat(later.main().version()).isEqualTo("1.1-1");
  }

  @Test
  void whatWasFetchedOnceStaysTheSameUntilRefreshed() {
    Unpacked before = acquisition().obtain(TOOL);
    repository.publish("v2");

    assertThat(acquisition().obtain(TOOL)).isEqualTo(before);
    Unpacked refreshed = acquisition().refresh(TOOL);
    assertThat(refreshed.packages())
        .extracting(PackageInfo::version)
        .containsExactly("1.1-1", "1:1.0-1");
    assertThat(acquisition().obtain(TOOL)).isEqualTo(refreshed);
  }

  @Test
  void manyThreadsFetchOnce() throws Exception {
    AtomicInteger unpacked = new AtomicInteger();
    CacheOptions options =
        repository
            .options(cache)
            .withProgress(
                (phase, subject, done, total) -> {
                  if (phase == Progress.Phase.UNPACK && done == 0) {
                    unpacked.incrementAndGet();
                  }
                });
    Callable<Unpacked> task = () -> new Acquisition(options).obtain(TOOL_ALONE);
    List<Unpacked> results = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(6)) {
      for (Future<Unpacked> future : threads.invokeAll(Collections.nCopies(6, task))) {
        results.add(future.get());
      }
    }

    assertThat(results).hasSize(6).containsOnly(results.getFirst());
    assertThat(unpacked).hasValue(1);
  }

  @Test
  void rubbishOfABrokenRunIsInNobodysWay() throws IOException {
    Files.createDirectories(cache.resolve("tmp/tree/usr/share"));
    Files.writeString(cache.resolve("tmp/tree/usr/share/half"), "half");

    Unpacked unpacked = acquisition().obtain(TOOL);

    assertThat(unpacked.tree().resolve("usr/share/half")).doesNotExist();
  }

  @Test
  void aCutIndexFileCountsAsAbsent() throws IOException {
    Unpacked first = acquisition().obtain(TOOL);
    Path index = cache.resolve("index").resolve(TOOL.key());
    String text = Files.readString(index);
    Files.writeString(index, text.substring(0, text.length() / 2));

    assertThat(acquisition().obtain(TOOL)).isEqualTo(first);
    assertThat(index).hasContent(text);
  }

  @Test
  void theListShowsPackagesSizesAndTrees() {
    Unpacked unpacked = acquisition().obtain(TOOL);

    List<CachedRequest> list = acquisition().list();

    assertThat(list).hasSize(1);
    CachedRequest only = list.getFirst();
    assertThat(only.main()).isEqualTo(unpacked.main());
    assertThat(only.packages()).isEqualTo(unpacked.packages());
    assertThat(only.tree()).isEqualTo(unpacked.tree());
    assertThat(only.packageBytes()).isEqualTo(604 + 768);
    assertThat(only.unpackedBytes())
        .isEqualTo("fixture-tool 1:1.0-1\n".length() + "fixture-lib 1.0-1\n".length());
  }

  @Test
  void anEmptyCacheListsNothingAndIsNotCreated() {
    assertThat(acquisition().list()).isEmpty();
    assertThat(cache).doesNotExist();
  }

  @Test
  void verifyRemovesDamagedPackagesWhichAreThenFetchedAgain() throws IOException {
    Unpacked first = acquisition().obtain(TOOL_ALONE);
    Path blob =
        cache.resolve(
            "store/sha256/"
                + first.main().sha256().substring(0, 2)
                + "/"
                + first.main().sha256()
                + ".deb");
    assertThat(acquisition().verify()).isEmpty();
    Files.write(blob, new byte[] {1, 2, 3});
    PathUtils.deleteDirectory(first.tree());

    assertThat(acquisition().verify()).containsExactly(first.main());
    assertThat(acquisition().obtain(TOOL_ALONE)).isEqualTo(first);
    assertThat(Files.size(blob)).isEqualTo(first.main().size());
  }

  @Test
  void clearLeavesNothingButTheLock() throws IOException {
    acquisition().obtain(TOOL);

    acquisition().clear();

    try (Stream<Path> files = Files.walk(cache)) {
      assertThat(files.filter(Files::isRegularFile)).containsExactly(cache.resolve("lock"));
    }
    assertThat(acquisition().obtain(TOOL).packages()).hasSize(2);
  }

  @Test
  void forgetResolvesAnewButKeepsPackages() {
    acquisition().obtain(TOOL);
    repository.publish("v2");

    acquisition().forget();

    assertThat(acquisition().obtain(TOOL).packages())
        .extracting(PackageInfo::version)
        .containsExactly("1.1-1", "1:1.0-1");
  }

  @Test
  void anotherProcessThatHoldsTheLockIsWaitedFor() throws Exception {
    Process holder = LockHolder.start(cache);
    try {
      List<Progress.Phase> phases = Collections.synchronizedList(new ArrayList<>());
      CacheOptions options =
          repository
              .options(cache)
              .withProgress(
                  (phase, subject, done, total) -> {
                    phases.add(phase);
                    if (phase == Progress.Phase.WAITING) {
                      LockHolder.release(holder);
                    }
                  });

      assertThat(new Acquisition(options).obtain(TOOL_ALONE).tree()).exists();
      assertThat(phases)
          .startsWith(Progress.Phase.WAITING, Progress.Phase.INDEX)
          .containsOnlyOnce(Progress.Phase.WAITING);
    } finally {
      holder.destroyForcibly().waitFor();
    }
  }

  @Test
  void aLockHeldByAKilledProcessIsFree() throws Exception {
    Process holder = LockHolder.start(cache);
    holder.destroyForcibly().waitFor();

    assertThat(acquisition().obtain(TOOL_ALONE).tree()).exists();
  }

  @Test
  void aCacheDirectoryThatIsAFileIsOneSentence() throws IOException {
    Files.writeString(cache, "a file, not a directory");

    ImagesException failure = failure(acquisition(), TOOL);

    assertThat(failure.kind()).isEqualTo(ImagesException.Kind.IO);
    assertThat(failure)
        .hasMessage(
            "Cannot read " + cache.resolve("index").resolve(TOOL.key()) + ": Not a directory.");
  }

  @Test
  void fetchingTouchesNothingOfTheMachinesOwnApt() throws IOException {
    List<Path> own =
        List.of(
            Path.of("/etc/apt"),
            Path.of("/var/lib/apt"),
            Path.of("/var/lib/dpkg"),
            Path.of("/var/cache/apt"),
            Path.of("/var/log/apt"));
    List<String> before = timesBelow(own);

    acquisition().obtain(TOOL);
    acquisition().refresh(TOOL);

    assertThat(timesBelow(own)).isEqualTo(before).isNotEmpty();
  }

  private static List<String> timesBelow(List<Path> roots) throws IOException {
    List<String> lines = new ArrayList<>();
    for (Path root : roots) {
      if (Files.isDirectory(root)) {
        Files.walkFileTree(
            root,
            new SimpleFileVisitor<>() {
              @Override
              public FileVisitResult preVisitDirectory(
                  Path directory, BasicFileAttributes attributes) {
                lines.add(directory + " " + attributes.lastModifiedTime());
                return FileVisitResult.CONTINUE;
              }

              @Override
              public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                lines.add(file + " " + attributes.lastModifiedTime());
                return FileVisitResult.CONTINUE;
              }

              @Override
              public FileVisitResult visitFileFailed(Path file, IOException failure) {
                return FileVisitResult.CONTINUE;
              }
            });
      }
    }
    return lines;
  }

  private void assertNothingWasStored() {
    assertThat(cache.resolve("store")).doesNotExist();
    assertThat(cache.resolve("index")).doesNotExist();
    assertThat(cache.resolve("tree")).doesNotExist();
  }

  private List<String> snapshot() throws IOException {
    try (Stream<Path> files = Files.walk(cache)) {
      List<String> lines = new ArrayList<>();
      for (Path file : files.sorted().toList()) {
        FileTime time = Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS);
        lines.add(file + " " + time);
      }
      return lines;
    }
  }

  private Acquisition acquisition() {
    return new Acquisition(repository.options(cache));
  }

  private static ImagesException failure(Acquisition acquisition, PackageRequest request) {
    ImagesException failure =
        catchThrowableOfType(ImagesException.class, () -> acquisition.obtain(request));
    assertThat(failure).isNotNull();
    return failure;
  }

  private static PackageRequest request(String name, Selection selection) {
    return new PackageRequest(
        Suite.BOOKWORM, HostArch.current(), List.of(name), selection, "give it by hand");
  }
}
