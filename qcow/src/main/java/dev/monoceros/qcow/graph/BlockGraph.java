package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.BackingPolicy;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.ImageFormat;
import dev.monoceros.qcow.OpenOptions;
import dev.monoceros.qcow.Operation;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;
import java.util.List;
import java.util.Optional;

/**
 * Opens what a QEMU file name describes.
 *
 * <p>The {@link ImageException#sentence} of a failure is qemu-img's: after {@code Could not open
 * 'NAME': } if the operation is {@link Operation#OPEN}, alone if it is {@link Operation#PARSE}. A
 * {@link ImageException#hint} follows on lines of its own.
 */
public final class BlockGraph {
  private BlockGraph() {}

  /**
   * Opens a file name as {@code qemu-img} takes it on its command line.
   *
   * @param name a path, {@code file:PATH}, {@code json:{...}} or another protocol's
   * @param format name of a driver as in {@code -f}; empty to probe
   * @param options its format is not looked at; {@link BackingPolicy#IGNORE} leaves the image below
   *     out, options for it included
   * @throws ImageException of any kind
   */
  public static DiskImage open(String name, Optional<String> format, OpenOptions options)
      throws ImageException {
    return open(name, format, options, GraphOptions.defaults());
  }

  /** The same with throttle groups, time and warnings. */
  public static DiskImage open(
      String name, Optional<String> format, OpenOptions options, GraphOptions graph)
      throws ImageException {
    OptionMap map = new OptionMap();
    format.ifPresent(f -> map.put(CommonOptions.DRIVER, f));
    return open(name, Optional.of(name), map, options, graph);
  }

  /**
   * Opens {@code --image-opts} text: {@code driver=qcow2,file.filename=x,...}.
   *
   * @param text keys and values as QEMU's option parser takes them; a comma in a value is doubled
   * @throws ImageException of any kind; PARSE if the text itself is at fault
   */
  public static DiskImage openOptions(String text, OpenOptions options) throws ImageException {
    return openOptions(text, options, GraphOptions.defaults());
  }

  /** The same with throttle groups, time and warnings. */
  public static DiskImage openOptions(String text, OpenOptions options, GraphOptions graph)
      throws ImageException {
    OptionMap map;
    try {
      map = OptionText.parse(text, graph.warnings());
    } catch (ImageFault e) {
      throw ImageException.of(text, Operation.PARSE, e);
    }
    return open(text, Optional.empty(), map, options, graph);
  }

  /**
   * Opens a file name with options beside it, as qemu-io's {@code -o} does.
   *
   * @param name as in {@link #open}; empty if the options say it all
   * @param text options as in {@link #openOptions}
   */
  public static DiskImage openWith(
      Optional<String> name,
      Optional<String> format,
      String text,
      OpenOptions options,
      GraphOptions graph)
      throws ImageException {
    OptionMap map;
    try {
      map = OptionText.parse(text, graph.warnings());
    } catch (ImageFault e) {
      throw ImageException.of(text, Operation.PARSE, e);
    }
    format.ifPresent(f -> map.put(CommonOptions.DRIVER, f));
    return open(name.orElse(text), name, map, options, graph);
  }

  /**
   * The same image, into which every read copies what it finds in the images below: QEMU's option
   * {@code copy-on-read}. Closing the result closes the image.
   *
   * @param image open for writing
   */
  public static DiskImage copyOnRead(DiskImage image) {
    return new CopyOnReadImage(image);
  }

  private static DiskImage open(
      String shown,
      Optional<String> fileName,
      OptionMap map,
      OpenOptions options,
      GraphOptions graph)
      throws ImageException {
    boolean noBacking = options.backing() == BackingPolicy.IGNORE;
    NodeOpener opener = new NodeOpener(options, graph);
    try {
      Node node =
          opener.open(
              new NodeRequest(fileName, Optional.empty(), map, false, noBacking, 0, List.of()));
      try {
        return top(node, options);
      } catch (ImageFault | RuntimeException e) {
        node.closeAfter(e);
        throw e;
      }
    } catch (ImageFault e) {
      throw ImageException.of(shown, Operation.OPEN, e);
    }
  }

  private static DiskImage top(Node node, OpenOptions options) throws ImageFault {
    DiskImage image = node.asImage(FormatOptions.ofOthers(options));
    if (Inheritance.asksToRead(options) || !image.readOnly()) {
      return image;
    }
    if (!options.snapshot()) {
      throw new ImageFault(ErrorKind.READ_ONLY, ImageFault.NO_OFFSET, "Block node is read-only");
    }
    // A format at the top has made its own overlay; a filter or a protocol gets one here.
    try {
      return DiskImage.open(
          new ImageAsFile(image, node.names().fileName()),
          options
              .withFormat(ImageFormat.RAW)
              .withContext(Optional.of(new PlainContext(node.names()))));
    } catch (ImageException e) {
      throw e.asFault();
    }
  }
}
