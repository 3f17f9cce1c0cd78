package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.OpenOptions;
import dev.monoceros.qcow.format.FormatProbe;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.ImageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Opens nodes as QEMU's {@code bdrv_open_inherit} does, complaints in the same order: name, driver,
 * child called {@code file}, format, common options, the driver's own, the image below, and at last
 * options that nobody knew.
 */
final class NodeOpener {
  private static final String FILE = "file";
  private static final String FILE_NAME = "filename";
  private static final String BACKING = "backing";

  /** Bounds the recursion: names can nest, and chains can be endless. */
  private static final int MAX_DEPTH = 256;

  /** Version 1 is another driver. */
  private static final int QCOW_VERSION_OFFSET = 4;

  private final OpenOptions options;
  private final GraphOptions graph;

  NodeOpener(OpenOptions options, GraphOptions graph) {
    this.options = options;
    this.graph = graph;
  }

  OpenOptions options() {
    return options;
  }

  GraphOptions graph() {
    return graph;
  }

  Node open(NodeRequest request) throws ImageFault {
    if (request.depth() > MAX_DEPTH) {
      throw GraphFault.bad("more than " + MAX_DEPTH + " nodes are stacked");
    }
    if (request.reference().isPresent()) {
      throw badReference(request);
    }
    Optional<String> name = joinJson(request.fileName(), request.options());
    if (request.depth() == 0) {
      Inheritance.ofTop(options, request.options());
    }
    return openNamed(request.with(name, request.protocol(), request.noBacking()));
  }

  private static ImageFault badReference(NodeRequest request) {
    if (request.fileName().isPresent() || !request.options().isEmpty()) {
      return GraphFault.bad(
          "Cannot reference an existing block device with additional options or a new filename");
    }
    String name = request.reference().orElseThrow();
    return new ImageFault(
        ErrorKind.NOT_FOUND,
        ImageFault.NO_OFFSET,
        "Cannot find device='" + name + "' nor node-name='" + name + "'");
  }

  /** "Options given in the filename have lower priority than options specified directly." */
  private static Optional<String> joinJson(Optional<String> name, OptionMap options)
      throws ImageFault {
    if (name.isEmpty() || !FileName.isJson(name.get())) {
      return name;
    }
    OptionValue value;
    try {
      value = JsonReader.read(name.get().substring(FileName.JSON_PREFIX.length()));
    } catch (ImageFault e) {
      throw GraphFault.prepend("Could not parse the JSON options: ", e);
    }
    if (!(value instanceof OptionValue.Tree(OptionMap map))) {
      throw GraphFault.bad("Invalid JSON object given");
    }
    options.join(map.flattened());
    return Optional.empty();
  }

  private Node openNamed(NodeRequest request) throws ImageFault {
    OptionMap map = request.options();
    Driver driver = driver(map);
    boolean protocol = driver == null ? request.protocol() : driver.isProtocol();
    boolean parse = false;
    if (protocol && request.fileName().isPresent()) {
      if (map.has(FILE_NAME)) {
        throw GraphFault.bad("Can't specify 'file' and 'filename' options at the same time");
      }
      map.put(FILE_NAME, request.fileName().get());
      parse = true;
    }
    if (driver == null && protocol) {
      String name = map.text(FILE_NAME);
      if (name == null) {
        throw GraphFault.bad("Must specify either driver or file");
      }
      driver = protocolOf(name, parse);
      map.put(CommonOptions.DRIVER, driver.qemuName());
    }
    if (driver != null && parse) {
      parseName(driver, map.text(FILE_NAME), map);
    }
    boolean noBacking = request.noBacking() | takeNoBacking(map);
    if (protocol) {
      return finish(request.with(Optional.empty(), true, noBacking), driver, null, false);
    }
    Node file = openChild(request, map, request.fileName(), FILE, true, true);
    return openFormat(request.with(Optional.empty(), false, noBacking), driver, file);
  }

  private static Driver driver(OptionMap map) throws ImageFault {
    String name = map.text(CommonOptions.DRIVER);
    if (name == null) {
      return null;
    }
    return Driver.of(name).orElseThrow(() -> unknownDriver(name));
  }

  static ImageFault unknownDriver(String name) {
    return ImageFault.unsupported(ImageFault.NO_OFFSET, "Unknown driver '" + name + "'");
  }

  private static Driver protocolOf(String name, boolean parse) throws ImageFault {
    if (FileName.isDevice(name)) {
      return Driver.HOST_DEVICE;
    }
    Optional<String> protocol = parse ? FileName.protocol(name) : Optional.empty();
    return switch (protocol.orElse("file")) {
      case "file" -> Driver.FILE;
      case "host_device" -> Driver.HOST_DEVICE;
      case "null-co" -> Driver.NULL_CO;
      case "null-aio" -> Driver.NULL_AIO;
      case "blkdebug" -> Driver.BLKDEBUG;
      default ->
          throw ImageFault.unsupported(
              ImageFault.NO_OFFSET, "Unknown protocol '" + protocol.orElseThrow() + "'");
    };
  }

  /** What a driver reads out of a file name that was given as such. */
  private static void parseName(Driver driver, String name, OptionMap map) throws ImageFault {
    switch (driver) {
      case FILE, HOST_DEVICE -> map.put(FILE_NAME, FileName.withoutPrefix(name));
      case NULL_CO, NULL_AIO -> {
        NullDriver.requireName(driver, name);
        map.remove(FILE_NAME);
      }
      case BLKDEBUG -> {
        map.remove(FILE_NAME);
        BlkdebugDriver.parseName(name, map);
      }
      case QCOW2, QCOW, RAW, THROTTLE, COPY_ON_READ, PREALLOCATE -> {}
    }
  }

  private boolean takeNoBacking(OptionMap map) {
    String text = map.text(BACKING);
    boolean none = map.get(BACKING) instanceof OptionValue.Null || "".equals(text);
    if (none) {
      if (text != null) {
        graph
            .warnings()
            .accept("Use of \"backing\": \"\" is deprecated; use \"backing\": null instead");
      }
      map.remove(BACKING);
    }
    return none;
  }

  private Node openFormat(NodeRequest request, Driver given, Node file) throws ImageFault {
    boolean probed = given == null;
    try {
      Driver driver = given;
      if (probed && file != null) {
        driver = probe(file.asFile());
        request.options().put(CommonOptions.DRIVER, driver.qemuName());
      } else if (probed) {
        throw GraphFault.bad("Must specify either driver or file");
      }
      return finish(request, driver, file, probed);
    } catch (ImageFault | RuntimeException e) {
      if (file != null) {
        file.closeAfter(e);
      }
      throw e;
    }
  }

  /** The format by the contents; an empty file is raw. */
  private static Driver probe(ImageFile file) throws ImageFault {
    ByteBuffer start = ByteBuffer.allocate(FormatProbe.SECTOR);
    try {
      long size = file.size();
      while (start.hasRemaining()
          && start.position() < size
          && file.read(start, start.position()) > 0) {}
    } catch (IOException e) {
      throw new ImageFault(
          ErrorKind.IO, 0, "Could not read image for determining its format: " + e.getMessage());
    }
    start.flip();
    String format = FormatProbe.probe(start);
    if (format.equals(FormatProbe.QCOW)) {
      int version =
          start.limit() < QCOW_VERSION_OFFSET + Integer.BYTES
              ? 0
              : start.getInt(QCOW_VERSION_OFFSET);
      return switch (version) {
        case 0 -> Driver.RAW;
        case 1 -> Driver.QCOW;
        default -> Driver.QCOW2;
      };
    }
    return Driver.of(format).orElseThrow(() -> unknownDriver(format));
  }

  private Node finish(NodeRequest request, Driver driver, Node file, boolean probed)
      throws ImageFault {
    OptionMap map = request.options();
    NodeParts parts = new NodeParts(this, request, driver, file, probed, new OptionMap(map));
    Optional<String> name =
        file == null
            ? Optional.ofNullable(map.text(FILE_NAME))
            : Optional.of(file.names().fileName());
    CommonOptions common = CommonOptions.absorb(map, driver, name);
    Node node = unflushed(open(parts, common), common);
    try {
      parts.requireNoOptionsLeft();
      return DetectZeroesImage.over(node, common, options);
    } catch (ImageFault | RuntimeException e) {
      node.closeAfter(e);
      throw e;
    }
  }

  private static Node unflushed(Node node, CommonOptions common) {
    return common.noFlush() && node.body() instanceof Node.Body.OfFile(ImageFile file, boolean ro)
        ? new Node(node.names(), new Node.Body.OfFile(new UnflushedFile(file), ro))
        : node;
  }

  private static Node open(NodeParts parts, CommonOptions common) throws ImageFault {
    return switch (parts.driver()) {
      case FILE, HOST_DEVICE -> FileDriver.open(parts, common);
      case NULL_CO, NULL_AIO -> NullDriver.open(parts, common);
      case BLKDEBUG -> BlkdebugDriver.open(parts, common);
      case RAW -> RawDriver.open(parts, common);
      case QCOW2, QCOW -> QcowDriver.open(parts, common);
      case THROTTLE -> ThrottleDriver.open(parts, common);
      case COPY_ON_READ -> CopyOnReadDriver.open(parts, common);
      case PREALLOCATE -> PreallocateDriver.open(parts, common);
    };
  }

  /**
   * Opens the child of {@code request} that its options below {@code key} describe.
   *
   * @param heritage options of the parent that its children may inherit
   * @param protocol whether it is a file rather than an image
   * @param mayLack whether null is returned where nothing describes it
   */
  Node openChild(
      NodeRequest request,
      OptionMap heritage,
      Optional<String> fileName,
      String key,
      boolean protocol,
      boolean mayLack)
      throws ImageFault {
    OptionMap parent = request.options();
    OptionMap below = parent.takeBelow(key + ".");
    Optional<String> reference = Optional.ofNullable(parent.text(key));
    if (reference.isPresent()) {
      parent.remove(key);
    }
    if (fileName.isEmpty() && reference.isEmpty() && below.isEmpty()) {
      if (mayLack) {
        return null;
      }
      throw GraphFault.bad("A block device must be specified for \"" + key + "\"");
    }
    if (reference.isEmpty()) {
      Inheritance.ofFile(heritage, below);
    }
    return open(
        new NodeRequest(
            fileName,
            reference,
            below,
            protocol,
            request.noBacking(),
            request.depth() + 1,
            request.above()));
  }
}
