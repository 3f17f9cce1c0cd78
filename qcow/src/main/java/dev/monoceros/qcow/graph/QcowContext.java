package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.BackingPolicy;
import dev.monoceros.qcow.BackingReference;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.NodeContext;
import dev.monoceros.qcow.Operation;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.ImageFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Surroundings of an image that names others: opens them, and knows what it is called then. */
final class QcowContext implements NodeContext {
  private static final String BACKING = "backing";
  private static final String DATA_FILE = "data-file";

  private final NodeParts parts;
  private final NodeName alone;
  private Optional<BackingReference> stored = Optional.empty();

  /** Name of the image below; empty if there is none. */
  private Optional<NodeName> below = Optional.empty();

  /** True if the image below is the one that the header names. */
  private boolean implicit;

  private Optional<NodeName> dataFile = Optional.empty();

  QcowContext(NodeParts parts) {
    this.parts = parts;
    this.alone = parts.nameOver(EncryptOptions.KEY);
  }

  @Override
  public String name() {
    return names().fileName();
  }

  @Override
  public String driver() {
    return parts.driver().qemuName();
  }

  /** With the image below, if it is not the one that the header names. */
  NodeName names() {
    OptionMap map = new OptionMap(alone.options());
    dataFile.ifPresent(n -> map.put(DATA_FILE, new OptionValue.Tree(n.options())));
    boolean overridden = overridden();
    if (overridden) {
      map.put(
          BACKING,
          below
              .<OptionValue>map(n -> new OptionValue.Tree(n.options()))
              .orElseGet(OptionValue.Null::new));
    }
    return new NodeName(
        parts.driver(), overridden ? Optional.empty() : alone.exact(), map, alone.primary());
  }

  private boolean overridden() {
    if (parts.opener().options().backing() == BackingPolicy.IGNORE || implicit) {
      return false;
    }
    String header = stored.map(BackingReference::name).orElse("");
    return !header.equals(below.map(NodeName::fileName).orElse(""));
  }

  @Override
  public Optional<String> fullBackingName(BackingReference reference) {
    try {
      return Optional.of(alone.resolve(reference.name()));
    } catch (ImageFault e) {
      return Optional.empty();
    }
  }

  @Override
  public Optional<DiskImage> openBacking(Optional<BackingReference> named) throws ImageException {
    stored = named;
    if (parts.request().noBacking()) {
      return Optional.empty();
    }
    try {
      return openBelow();
    } catch (ImageFault e) {
      throw ImageException.of(alone.fileName(), Operation.OPEN, e);
    }
  }

  private Optional<DiskImage> openBelow() throws ImageFault {
    OptionMap options = parts.options();
    OptionMap given = options.takeBelow(BACKING + ".");
    Optional<String> reference = Optional.ofNullable(options.text(BACKING));
    reference.ifPresent(r -> options.remove(BACKING));
    Optional<String> name = Optional.empty();
    if (reference.isEmpty() && !given.has("file.filename")) {
      if (stored.isEmpty() && given.isEmpty()) {
        return Optional.empty();
      }
      implicit = given.isEmpty();
      name = stored.isPresent() ? Optional.of(alone.resolve(stored.get().name())) : name;
    }
    if (implicit) {
      BackingRules.check(parts.opener().options().backing(), stored.orElseThrow(), name, alone);
    }
    Optional<String> format = stored.flatMap(BackingReference::format);
    if (reference.isEmpty() && format.isPresent() && !given.has(CommonOptions.DRIVER)) {
      given.put(CommonOptions.DRIVER, format.get());
    }
    return Optional.of(openNode(name, reference, given));
  }

  private DiskImage openNode(Optional<String> name, Optional<String> reference, OptionMap given)
      throws ImageFault {
    List<String> above = new ArrayList<>(parts.request().above());
    above.add(alone.fileName());
    if (name.isPresent() && above.contains(name.get())) {
      throw new ImageFault(
          ErrorKind.CORRUPT,
          ImageFault.NO_OFFSET,
          "Backing file '" + name.get() + "' creates an infinite loop.");
    }
    if (reference.isEmpty()) {
      Inheritance.ofBacking(parts.given(), given);
    }
    NodeOpener opener = parts.opener();
    Node node;
    try {
      node =
          opener.open(
              new NodeRequest(
                  name, reference, given, false, false, parts.request().depth() + 1, above));
    } catch (ImageFault e) {
      throw GraphFault.prepend("Could not open backing file: ", e);
    }
    below = Optional.of(node.names());
    return node.asImage(FormatOptions.ofOthers(opener.options()));
  }

  @Override
  public ImageFile openDataFile(Optional<String> name, boolean readOnly) throws ImageException {
    try {
      Node node = open(Optional.empty(), true);
      if (node == null && name.isPresent()) {
        // Relative to where QEMU runs, and not to the image, unlike a backing file.
        node = open(name, false);
      }
      if (node == null) {
        throw GraphFault.bad("'data-file' is required for this image");
      }
      dataFile = Optional.of(node.names());
      return node.asFile();
    } catch (ImageFault e) {
      boolean metadataOnly = parts.opener().options().backing() == BackingPolicy.IGNORE;
      if (metadataOnly && readOnly && e.kind() == ErrorKind.NOT_FOUND) {
        return new NullFile(name.orElse(""), 0, true, true, 0, nanoseconds -> {});
      }
      throw ImageException.of(alone.fileName(), Operation.OPEN, e);
    }
  }

  private Node open(Optional<String> name, boolean mayLack) throws ImageFault {
    return parts.opener().openChild(parts.request(), parts.given(), name, DATA_FILE, true, mayLack);
  }

  /** A data file that was given to an image without one, or null. */
  ImageFault leftOver() {
    OptionMap options = parts.options();
    if (options.takeBelow(DATA_FILE + ".").isEmpty() && options.text(DATA_FILE) == null) {
      return null;
    }
    return GraphFault.bad("'data-file' can only be set for images with an external data file");
  }
}
