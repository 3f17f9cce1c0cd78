package dev.monoceros.cli.io;

import dev.monoceros.cli.tool.CacheMode;
import dev.monoceros.qcow.BackingPolicy;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.ImageFormat;
import dev.monoceros.qcow.OpenOptions;
import dev.monoceros.qcow.Operation;
import dev.monoceros.qcow.graph.BlockGraph;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Opens images for a session, and says in QEMU's words why it could not. */
final class Opener {
  private static final Pattern UNKNOWN_OPTION = Pattern.compile("support the option '([^']*)'$");

  private Opener() {}

  /** Opens and uses an image; false if that failed or another one is open. */
  static boolean open(Session session, OpenRequest request) {
    Output out = session.out();
    if (session.file().isPresent()) {
      out.error("file open already, try 'help close'");
      return false;
    }
    Optional<String> device = request.name().map(name -> " device " + name);
    try {
      OpenFile file = new OpenFile(request, image(session, request));
      warn(out, file);
      session.use(file);
      return true;
    } catch (ImageException e) {
      // What is wrong with the options themselves is said without the name.
      String start =
          e.operation() == Operation.PARSE ? "" : "can't open" + device.orElse("") + ": ";
      out.error(start + e.sentence());
      e.hint().ifPresent(out::bareError);
    } catch (Refused e) {
      out.error("can't open" + device.orElse("") + ": " + e.getMessage());
    }
    return false;
  }

  /**
   * Opens the image again with other options; if that fails it is open as before.
   *
   * @param readOnly empty leaves it
   * @param cache empty leaves it
   * @param options {@code key=value,...} added to those it has
   */
  static boolean reopen(
      Session session, Optional<Boolean> readOnly, Optional<CacheMode> cache, String options) {
    OpenFile file = session.openFile();
    OpenRequest before = file.request();
    OpenRequest after = before.changed(readOnly, cache, options);
    session.drain();
    boolean sameImage = options.isEmpty() && after.readOnly() == before.readOnly();
    if (sameImage || before.snapshot()) {
      // A snapshot would be lost with its image.
      session.use(new OpenFile(after, file.image()));
      return true;
    }
    if (options.contains("read-only=on") && !before.readOnly()) {
      // QEMU's own name for a node that was given none is a number we do not have.
      session.out().error("Read-only block node '#block0' cannot support read-write users");
      return false;
    }
    return reopen(session, before, after);
  }

  private static boolean reopen(Session session, OpenRequest before, OpenRequest after) {
    session.close();
    try {
      session.use(new OpenFile(after, image(session, after)));
      return true;
    } catch (ImageException e) {
      Matcher unknown = UNKNOWN_OPTION.matcher(e.sentence());
      session
          .out()
          .error(
              unknown.find()
                  ? "Cannot change the option '" + unknown.group(1) + "'"
                  : e.sentence());
    } catch (Refused e) {
      session.out().error(e.getMessage());
    }
    open(session, before);
    return false;
  }

  /** What we know to be wrong before the library is asked. */
  private static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    Refused(String sentence) {
      super(sentence);
    }
  }

  private static DiskImage image(Session session, OpenRequest request)
      throws ImageException, Refused {
    if (request.nativeAio() && !request.cache().direct()) {
      throw new Refused(
          "aio=native was specified, but it requires cache.direct=on, which was not specified.");
    }
    if (request.copyOnRead() && request.readOnly()) {
      throw new Refused("Can't use copy-on-read on read-only device");
    }
    DiskImage image = plainImage(session, request);
    return request.copyOnRead() ? BlockGraph.copyOnRead(image) : image;
  }

  private static DiskImage plainImage(Session session, OpenRequest request) throws ImageException {
    OpenOptions options =
        OpenOptions.defaults()
            .withReadOnly(request.readOnly())
            .withSnapshot(request.snapshot())
            .withBacking(BackingPolicy.ALLOW)
            .withDiscard(request.discard())
            .withForceShare(request.forceShare())
            .withNoFlush(request.cache().noFlush());
    if (request.name().isPresent() && request.options().isEmpty()) {
      return BlockGraph.open(
          request.name().get(), request.format(), options, session.graphOptions());
    }
    return BlockGraph.openWith(
        request.name(), request.format(), request.options(), options, session.graphOptions());
  }

  private static void warn(Output out, OpenFile file) {
    OpenRequest request = file.request();
    boolean probed =
        request.format().isEmpty()
            && request.options().isEmpty()
            && !request.name().orElse("").startsWith("json:")
            && file.image().format() == ImageFormat.RAW;
    if (probed && !request.readOnly() && !request.snapshot()) {
      out.bareError(
          "WARNING: Image format was not specified for '"
              + request.name().orElse("")
              + "' and probing guessed raw.\n"
              + "         Automatically detecting the format is dangerous for raw images, write"
              + " operations on block 0 will be restricted.\n"
              + "         Specify the 'raw' format explicitly to remove the restrictions.");
    }
  }
}
