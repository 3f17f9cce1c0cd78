package dev.monoceros.images;

import dev.monoceros.images.apt.AptTree;
import dev.monoceros.images.apt.DebianArchive;
import dev.monoceros.images.apt.PackageRequest;
import dev.monoceros.images.store.CacheLock;
import dev.monoceros.images.store.Layout;
import dev.monoceros.images.store.PackageStore;
import dev.monoceros.images.store.RequestIndex;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Turns a request into an unpacked tree: from the cache when it is there, else through apt under
 * the cache's lock.
 */
final class Acquisition {
  private final CacheOptions options;
  private final Layout layout;
  private final RequestIndex index;
  private final PackageStore store;

  Acquisition(CacheOptions options) {
    this.options = options;
    this.layout = new Layout(options.directory());
    this.index = new RequestIndex(layout);
    this.store = new PackageStore(layout, options.progress());
  }

  /**
   * A request that is in the cache.
   *
   * @param tree where it is unpacked
   * @param main the package the request is about
   * @param packages all of them, dependencies first
   */
  record Unpacked(Path tree, PackageInfo main, List<PackageInfo> packages) {}

  /** Whether a request needs neither network nor unpacking. */
  boolean isReady(PackageRequest request) {
    return ready(request).isPresent();
  }

  private void refuseOffline(PackageRequest request) {
    if (options.offline()) {
      throw new ImagesException(
          ImagesException.Kind.OFFLINE,
          "The package cache "
              + layout.root()
              + " has no "
              + request.describe()
              + " and must not fetch it: "
              + request.byHand()
              + ".");
    }
  }

  private Optional<Unpacked> ready(PackageRequest request) {
    return index.find(request.key()).flatMap(packages -> ifUnpacked(request, packages));
  }

  Unpacked obtain(PackageRequest request) {
    Optional<Unpacked> ready = ready(request);
    if (ready.isPresent()) {
      return ready.get();
    }
    if (!unpackable(request)) {
      refuseOffline(request);
    }
    try (CacheLock lock = CacheLock.acquire(layout, options.progress())) {
      return obtainLocked(request, index.find(request.key()));
    }
  }

  /** The packages of a request, dependencies first, as they were fetched: nothing is unpacked. */
  List<StoredPackage> packages(PackageRequest request) {
    Optional<List<PackageInfo>> known = index.find(request.key());
    if (known.isEmpty() || !known.get().stream().allMatch(store::has)) {
      refuseOffline(request);
      try (CacheLock lock = CacheLock.acquire(layout, options.progress())) {
        known = Optional.of(fetched(request, index.find(request.key())));
      }
    }
    return known.get().stream().map(one -> new StoredPackage(one, store.file(one))).toList();
  }

  /** Resolves anew against a fresh package index, fetching what changed. */
  Unpacked refresh(PackageRequest request) {
    try (CacheLock lock = CacheLock.acquire(layout, options.progress())) {
      AptTree apt = apt(request);
      apt.update();
      return obtainLocked(request, Optional.of(apt.resolve(request)));
    }
  }

  private Unpacked obtainLocked(PackageRequest request, Optional<List<PackageInfo>> known) {
    return unpack(request, fetched(request, known));
  }

  private List<PackageInfo> fetched(PackageRequest request, Optional<List<PackageInfo>> known) {
    if (known.isPresent() && known.get().stream().allMatch(store::has)) {
      index.put(request.key(), known.get());
      return known.get();
    }
    AptTree apt = apt(request);
    boolean fresh = !apt.hasIndex();
    if (fresh) {
      apt.update();
    }
    List<PackageInfo> packages;
    try {
      packages = known.isPresent() ? known.get() : apt.resolve(request);
      fetch(apt, packages);
    } catch (ImagesException e) {
      if (fresh) {
        throw e;
      }
      // The mirror has moved on since the index was fetched: superseded packages are gone from it.
      apt.update();
      packages = apt.resolve(request);
      fetch(apt, packages);
    }
    index.put(request.key(), packages);
    return packages;
  }

  private void fetch(AptTree apt, List<PackageInfo> packages) {
    List<PackageInfo> missing = packages.stream().filter(wanted -> !store.has(wanted)).toList();
    if (!missing.isEmpty()) {
      Path downloads = store.temporaryDirectory();
      apt.download(missing, downloads);
      store.addAll(downloads, missing);
    }
  }

  private AptTree apt(PackageRequest request) {
    if (!AptTree.available()) {
      throw new ImagesException(
          ImagesException.Kind.NO_APT,
          "This machine has no apt to fetch "
              + request.describe()
              + " with: "
              + request.byHand()
              + ".");
    }
    return new AptTree(
        layout.apt(request.suite(), request.architecture()),
        request.suite(),
        request.architecture(),
        DebianArchive.find(options),
        options.progress());
  }

  private boolean unpackable(PackageRequest request) {
    return index
        .find(request.key())
        .filter(packages -> packages.stream().allMatch(store::has))
        .isPresent();
  }

  private Optional<Unpacked> ifUnpacked(PackageRequest request, List<PackageInfo> packages) {
    PackageInfo main = main(request.names().getFirst(), packages);
    Path tree = store.tree(main, packages);
    return Files.isDirectory(tree)
        ? Optional.of(new Unpacked(tree, main, packages))
        : Optional.empty();
  }

  private Unpacked unpack(PackageRequest request, List<PackageInfo> packages) {
    PackageInfo main = main(request.names().getFirst(), packages);
    return new Unpacked(store.unpack(main, packages), main, packages);
  }

  private static PackageInfo main(String name, List<PackageInfo> packages) {
    return packages.stream()
        .filter(one -> one.name().equals(name))
        .findFirst()
        .orElseGet(packages::getLast);
  }

  List<CachedRequest> list() {
    List<CachedRequest> requests = new ArrayList<>();
    for (String key : index.keys()) {
      index.find(key).ifPresent(packages -> requests.add(describe(key, packages)));
    }
    return List.copyOf(requests);
  }

  private CachedRequest describe(String key, List<PackageInfo> packages) {
    PackageInfo main = main(PackageRequest.firstNameOf(key), packages);
    Path tree = store.tree(main, packages);
    long packageBytes = packages.stream().filter(store::has).mapToLong(PackageInfo::size).sum();
    return new CachedRequest(key, main, packages, tree, packageBytes, store.bytesBelow(tree));
  }

  List<PackageInfo> verify() {
    try (CacheLock lock = CacheLock.acquire(layout, options.progress())) {
      List<PackageInfo> damaged = new ArrayList<>();
      for (String key : index.keys()) {
        for (PackageInfo one : index.find(key).orElse(List.of())) {
          if (store.has(one) && !store.isWhole(one)) {
            store.remove(one);
            damaged.add(one);
          }
        }
      }
      return List.copyOf(damaged);
    }
  }

  void forget() {
    try (CacheLock lock = CacheLock.acquire(layout, options.progress())) {
      layout.deleteResolutions();
    }
  }

  void clear() {
    try (CacheLock lock = CacheLock.acquire(layout, options.progress())) {
      layout.deleteAll();
    }
  }
}
