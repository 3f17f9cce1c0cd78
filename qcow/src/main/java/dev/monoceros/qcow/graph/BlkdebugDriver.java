package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.graph.OptionReader.Known;
import dev.monoceros.qcow.graph.OptionReader.Type;
import dev.monoceros.qcow.io.ImageFault;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** The driver {@code blkdebug}: its names and options. */
final class BlkdebugDriver {
  private static final String PREFIX = "blkdebug:";
  private static final String CONFIG = "config";
  private static final String IMAGE = "image";

  /** The image of a file name, for QEMU's own use. */
  private static final String NAMED_IMAGE = "x-image";

  private static final String ALIGN = "align";
  private static final String MAX_TRANSFER = "max-transfer";
  private static final String OPT_ZERO = "opt-write-zero";
  private static final String MAX_ZERO = "max-write-zero";
  private static final String OPT_DISCARD = "opt-discard";
  private static final String MAX_DISCARD = "max-discard";

  private static final List<Known> KNOWN =
      OptionReader.all(
          OptionReader.known(Type.TEXT, CONFIG, NAMED_IMAGE),
          OptionReader.known(
              Type.SIZE, ALIGN, MAX_TRANSFER, OPT_ZERO, MAX_ZERO, OPT_DISCARD, MAX_DISCARD));

  private BlkdebugDriver() {}

  /** {@code blkdebug:CONFIG:IMAGE}, the configuration may lack; without prefix it is the image. */
  static void parseName(String name, OptionMap map) throws ImageFault {
    if (!name.startsWith(PREFIX)) {
      map.put(NAMED_IMAGE, name);
      return;
    }
    String rest = name.substring(PREFIX.length());
    int colon = rest.indexOf(':');
    if (colon < 0) {
      throw GraphFault.bad("blkdebug requires both config file and image path");
    }
    if (colon > 0) {
      map.put(CONFIG, rest.substring(0, colon));
    }
    map.put(NAMED_IMAGE, rest.substring(colon + 1));
  }

  static Node open(NodeParts parts, CommonOptions common) throws ImageFault {
    OptionMap map = parts.options();
    OptionReader reader = OptionReader.absorb(map, KNOWN);
    Optional<String> config = reader.text(CONFIG);
    List<BlkdebugRule> rules = BlkdebugRules.read(config, map);
    Node image =
        parts
            .opener()
            .openChild(
                parts.request(), parts.given(), reader.text(NAMED_IMAGE), IMAGE, true, false);
    try {
      checkLimits(reader);
      NodeName names = names(parts, config, image.names());
      BlkdebugFile file =
          new BlkdebugFile(
              image.asFile(), names.fileName(), rules, parts.opener().graph().breakpoints());
      return new Node(names, new Node.Body.OfFile(file, common.readOnly()));
    } catch (ImageFault | RuntimeException e) {
      image.closeAfter(e);
      throw e;
    }
  }

  /** Bounds on the size of requests; ours are never cut or aligned, so they are only checked. */
  private static void checkLimits(OptionReader reader) throws ImageFault {
    long align = check(reader, ALIGN, 1);
    if (Long.bitCount(align) > 1) {
      throw unmet(ALIGN, align);
    }
    long unit = Math.max(align, 1);
    check(reader, MAX_TRANSFER, unit);
    long zero = check(reader, OPT_ZERO, unit);
    check(reader, MAX_ZERO, Math.max(zero, unit));
    long discard = check(reader, OPT_DISCARD, unit);
    check(reader, MAX_DISCARD, Math.max(discard, unit));
  }

  private static long check(OptionReader reader, String name, long unit) throws ImageFault {
    OptionalLong size = reader.size(name);
    long value = size.orElse(0);
    if (value < 0 || value >= Integer.MAX_VALUE || value % unit != 0) {
      throw unmet(name, value);
    }
    return value;
  }

  private static ImageFault unmet(String name, long value) {
    return GraphFault.bad(
        "Cannot meet constraints with " + name + " " + Long.toUnsignedString(value));
  }

  private static NodeName names(NodeParts parts, Optional<String> config, NodeName image) {
    OptionMap map =
        parts.significant(
            CONFIG,
            "inject-error.",
            "set-state.",
            ALIGN,
            MAX_TRANSFER,
            OPT_ZERO,
            MAX_ZERO,
            OPT_DISCARD,
            MAX_DISCARD);
    boolean plain =
        map.keys().stream().allMatch(key -> key.equals(CommonOptions.DRIVER) || key.equals(CONFIG));
    map.put(IMAGE, new OptionValue.Tree(image.options()));
    Optional<String> exact =
        plain
            ? image.exact().map(name -> PREFIX + config.orElse("") + ":" + name)
            : Optional.empty();
    return new NodeName(parts.driver(), exact, map, Optional.of(image));
  }
}
