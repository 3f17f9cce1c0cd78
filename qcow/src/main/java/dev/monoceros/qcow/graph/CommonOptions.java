package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.DiscardMode;
import dev.monoceros.qcow.graph.OptionReader.Known;
import dev.monoceros.qcow.graph.OptionReader.Type;
import dev.monoceros.qcow.io.ImageFault;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Options that every driver takes.
 *
 * @param direct {@code cache.direct}; the host's page cache is used all the same
 * @param noFlush {@code cache.no-flush}: a flush does nothing
 * @param discard empty if it is not given
 */
record CommonOptions(
    boolean readOnly,
    boolean autoReadOnly,
    boolean forceShare,
    boolean direct,
    boolean noFlush,
    Optional<DiscardMode> discard,
    DetectZeroes detectZeroes) {
  static final String READ_ONLY = "read-only";
  static final String AUTO_READ_ONLY = "auto-read-only";
  static final String FORCE_SHARE = "force-share";
  static final String DIRECT = "cache.direct";
  static final String NO_FLUSH = "cache.no-flush";
  static final String DISCARD = "discard";
  static final String DRIVER = "driver";
  private static final String DETECT_ZEROES = "detect-zeroes";
  private static final String NODE_NAME = "node-name";

  private static final int MAX_NODE_NAME = 31;
  private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z][-._A-Za-z0-9]*");

  private static final List<Known> KNOWN =
      OptionReader.all(
          OptionReader.known(Type.FLAG, READ_ONLY, AUTO_READ_ONLY, FORCE_SHARE, DIRECT, NO_FLUSH),
          OptionReader.known(Type.TEXT, NODE_NAME, DRIVER, DISCARD, DETECT_ZEROES));

  /** What becomes of writes of zeros. */
  enum DetectZeroes {
    OFF,
    /** They become zero clusters. */
    ON,
    /** They become zero clusters and may give up their place. */
    UNMAP
  }

  /** Takes them out of {@code options}, in QEMU's order of complaints. */
  static CommonOptions absorb(OptionMap options, Driver driver, Optional<String> fileName)
      throws ImageFault {
    OptionReader reader = OptionReader.absorb(options, KNOWN);
    boolean readOnly = reader.flag(READ_ONLY, false);
    boolean forceShare = reader.flag(FORCE_SHARE, false);
    if (forceShare && !readOnly) {
      throw GraphFault.bad("force-share=on can only be used with read-only images");
    }
    if (driver.needsFileName() && fileName.orElse("").isEmpty()) {
      throw GraphFault.bad("The '" + driver.qemuName() + "' block driver requires a file name");
    }
    Optional<DiscardMode> discard = discard(reader.text(DISCARD));
    DetectZeroes zeroes = detectZeroes(reader.text(DETECT_ZEROES));
    if (zeroes == DetectZeroes.UNMAP && discard.orElse(null) != DiscardMode.UNMAP) {
      throw GraphFault.bad(
          "setting detect-zeroes to unmap is not allowed without setting discard operation to"
              + " unmap");
    }
    requireNodeName(reader.text(NODE_NAME));
    return new CommonOptions(
        readOnly,
        reader.flag(AUTO_READ_ONLY, false),
        forceShare,
        reader.flag(DIRECT, false),
        reader.flag(NO_FLUSH, false),
        discard,
        zeroes);
  }

  private static Optional<DiscardMode> discard(Optional<String> text) throws ImageFault {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        switch (text.get()) {
          case "ignore", "off" -> DiscardMode.IGNORE;
          case "unmap", "on" -> DiscardMode.UNMAP;
          default -> throw GraphFault.bad("Invalid discard option");
        });
  }

  private static DetectZeroes detectZeroes(Optional<String> text) throws ImageFault {
    String mode = text.orElse("off");
    return switch (mode) {
      case "off" -> DetectZeroes.OFF;
      case "on" -> DetectZeroes.ON;
      case "unmap" -> DetectZeroes.UNMAP;
      default -> throw GraphFault.bad("invalid parameter value: " + mode);
    };
  }

  private static void requireNodeName(Optional<String> name) throws ImageFault {
    if (name.isEmpty()) {
      return;
    }
    if (!IDENTIFIER.matcher(name.get()).matches()) {
      throw GraphFault.bad("Invalid node-name: '" + name.get() + "'");
    }
    if (name.get().length() > MAX_NODE_NAME) {
      throw GraphFault.bad("Node name too long");
    }
  }
}
