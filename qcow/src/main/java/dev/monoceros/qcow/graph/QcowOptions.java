package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.DiscardPassing;
import dev.monoceros.qcow.OpenOptions;
import dev.monoceros.qcow.graph.OptionReader.Known;
import dev.monoceros.qcow.graph.OptionReader.Type;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OverlapCheck;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** Run-time options of the driver {@code qcow2}. */
final class QcowOptions {
  private static final String LAZY_REFCOUNTS = "lazy-refcounts";
  private static final String CACHE = "cache-size";
  private static final String L2_CACHE = "l2-cache-size";
  private static final String L2_ENTRY = "l2-cache-entry-size";
  private static final String REFCOUNT_CACHE = "refcount-cache-size";
  private static final String CLEAN_INTERVAL = "cache-clean-interval";
  private static final String PASS_REQUEST = "pass-discard-request";
  private static final String PASS_SNAPSHOT = "pass-discard-snapshot";
  private static final String PASS_OTHER = "pass-discard-other";
  private static final String OVERLAP = "overlap-check";
  private static final String OVERLAP_TEMPLATE = "overlap-check.template";
  private static final long MAX_CLEAN_INTERVAL = 0xffff_ffffL;

  private static final List<Known> KNOWN =
      OptionReader.all(
          OptionReader.known(
              Type.FLAG,
              LAZY_REFCOUNTS,
              PASS_REQUEST,
              PASS_SNAPSHOT,
              PASS_OTHER,
              OVERLAP + ".inactive-l1",
              OVERLAP + ".inactive-l2",
              OVERLAP + ".bitmap-directory"),
          OptionReader.known(Type.FLAG, overlapFlags()),
          OptionReader.known(Type.TEXT, OVERLAP, OVERLAP_TEMPLATE),
          OptionReader.known(Type.SIZE, CACHE, L2_CACHE, L2_ENTRY, REFCOUNT_CACHE),
          OptionReader.known(Type.NUMBER, CLEAN_INTERVAL));

  private QcowOptions() {}

  /** Takes them out of {@code map}. */
  static OpenOptions apply(OptionMap map, OpenOptions options) throws ImageFault {
    OptionReader reader = OptionReader.absorb(map, KNOWN);
    OpenOptions result = caches(reader, options);
    long interval = reader.number(CLEAN_INTERVAL, options.cacheCleanInterval());
    if (interval < 0 || interval > MAX_CLEAN_INTERVAL) {
      throw GraphFault.bad("Cache clean interval too big");
    }
    result = result.withOverlapChecks(overlapChecks(reader));
    Optional<Boolean> lazy = reader.flag(LAZY_REFCOUNTS);
    result =
        result
            .withCacheCleanInterval(interval)
            .withDiscards(
                new DiscardPassing(
                    reader.flag(PASS_REQUEST, DiscardPassing.DEFAULT.request()),
                    reader.flag(PASS_SNAPSHOT, DiscardPassing.DEFAULT.snapshot()),
                    reader.flag(PASS_OTHER, DiscardPassing.DEFAULT.other())));
    return lazy.isPresent() ? result.withLazyRefcounts(lazy) : result;
  }

  private static OpenOptions caches(OptionReader reader, OpenOptions options) throws ImageFault {
    OptionalLong both = reader.size(CACHE);
    OptionalLong l2 = reader.size(L2_CACHE);
    OptionalLong refcounts = reader.size(REFCOUNT_CACHE);
    if (both.isPresent()) {
      if (l2.isPresent() && refcounts.isPresent()) {
        throw GraphFault.bad(
            "cache-size, l2-cache-size and refcount-cache-size may not be set at the same time");
      }
      requireAtMost(L2_CACHE, l2, both.getAsLong());
      requireAtMost(REFCOUNT_CACHE, refcounts, both.getAsLong());
    }
    OpenOptions result = options;
    if (both.isPresent()) {
      result = result.withCacheSize(bounded(both.getAsLong()));
    }
    if (l2.isPresent()) {
      result = result.withL2CacheSize(bounded(l2.getAsLong()));
    }
    if (refcounts.isPresent()) {
      result = result.withRefcountCacheSize(bounded(refcounts.getAsLong()));
    }
    OptionalLong entry = reader.size(L2_ENTRY);
    return entry.isPresent() ? result.withL2CacheEntrySize(bounded(entry.getAsLong())) : result;
  }

  private static void requireAtMost(String name, OptionalLong part, long both) throws ImageFault {
    if (part.isPresent() && Long.compareUnsigned(part.getAsLong(), both) > 0) {
      throw GraphFault.bad(name + " may not exceed " + CACHE);
    }
  }

  /** An unsigned number as a signed one; nothing is that large. */
  private static long bounded(long unsigned) {
    return unsigned < 0 ? Long.MAX_VALUE : unsigned;
  }

  private static Set<OverlapCheck> overlapChecks(OptionReader reader) throws ImageFault {
    Optional<String> plain = reader.text(OVERLAP);
    Optional<String> template = reader.text(OVERLAP_TEMPLATE);
    if (plain.isPresent() && template.isPresent() && !plain.equals(template)) {
      throw GraphFault.bad(
          "Conflicting values for qcow2 options '%s' ('%s') and '%s' ('%s')"
              .formatted(OVERLAP, plain.get(), OVERLAP_TEMPLATE, template.get()));
    }
    String value = plain.or(() -> template).orElse("cached");
    Set<OverlapCheck> checks =
        OverlapCheck.template(value)
            .orElseThrow(
                () ->
                    GraphFault.bad(
                        "Unsupported value '"
                            + value
                            + "' for qcow2 option 'overlap-check'. Allowed are any of the"
                            + " following: none, constant, cached, all"));
    for (OverlapCheck check : OverlapCheck.values()) {
      if (reader.flag(OVERLAP + "." + check.option(), checks.contains(check))) {
        checks.add(check);
      } else {
        checks.remove(check);
      }
    }
    return checks;
  }

  private static String[] overlapFlags() {
    return Arrays.stream(OverlapCheck.values())
        .map(check -> OVERLAP + "." + check.option())
        .toArray(String[]::new);
  }
}
