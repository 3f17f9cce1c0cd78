package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.graph.OptionReader.Known;
import dev.monoceros.qcow.graph.OptionReader.Type;
import dev.monoceros.qcow.io.ImageFault;
import java.util.List;
import java.util.Optional;

/** The drivers {@code null-co} and {@code null-aio}. */
final class NullDriver {
  private static final String SIZE = "size";
  private static final String LATENCY = "latency-ns";
  private static final String READ_ZEROES = "read-zeroes";
  private static final long DEFAULT_SIZE = 1L << 30;

  private static final List<Known> KNOWN =
      OptionReader.all(
          OptionReader.known(Type.SIZE, SIZE),
          OptionReader.known(Type.NUMBER, LATENCY),
          OptionReader.known(Type.FLAG, READ_ZEROES));

  private NullDriver() {}

  private static String nameOf(Driver driver) {
    return driver.qemuName() + "://";
  }

  static void requireName(Driver driver, String name) throws ImageFault {
    if (!name.equals(nameOf(driver))) {
      throw GraphFault.bad("The only allowed filename for this driver is '" + nameOf(driver) + "'");
    }
  }

  static Node open(NodeParts parts, CommonOptions common) throws ImageFault {
    OptionReader reader = OptionReader.absorb(parts.options(), KNOWN);
    long size = reader.size(SIZE).orElse(DEFAULT_SIZE);
    long latency = reader.number(LATENCY, 0);
    if (latency < 0) {
      throw GraphFault.bad("latency-ns is invalid");
    }
    if (size < 0) {
      throw GraphFault.bad("Could not refresh total sector count: File too large");
    }
    OptionMap map = parts.significant(SIZE, READ_ZEROES);
    Optional<String> exact =
        map.keys().size() == 1 ? Optional.of(nameOf(parts.driver())) : Optional.empty();
    NodeName names = new NodeName(parts.driver(), exact, map, Optional.empty());
    NullFile file =
        new NullFile(
            names.fileName(),
            size,
            reader.flag(READ_ZEROES, true),
            reader.flag(READ_ZEROES, false),
            latency,
            parts.opener().graph().sleeper());
    return new Node(names, new Node.Body.OfFile(file, common.readOnly()));
  }
}
