package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.graph.OptionReader.Known;
import dev.monoceros.qcow.graph.OptionReader.Type;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.HostFile;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.ImageFile;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The drivers {@code file} and {@code host_device}. */
final class FileDriver {
  private static final String FILE_NAME = "filename";
  private static final String AIO = "aio";
  private static final String LOCKING = "locking";

  private static final List<Known> KNOWN =
      OptionReader.all(
          OptionReader.known(Type.TEXT, FILE_NAME, AIO, LOCKING, "pr-manager"),
          OptionReader.known(Type.NUMBER, "aio-max-batch"),
          OptionReader.known(Type.FLAG, "drop-cache", "x-check-cache-dropped"));

  private FileDriver() {}

  static Node open(NodeParts parts, CommonOptions common) throws ImageFault {
    OptionReader reader = OptionReader.absorb(parts.options(), KNOWN);
    String name = reader.text(FILE_NAME).orElseThrow();
    checkAio(reader.text(AIO).orElse("threads"), common.direct());
    boolean locking = locking(reader.text(LOCKING).orElse("auto"));
    OptionMap map = parts.significant(FILE_NAME);
    NodeName names = new NodeName(parts.driver(), Optional.of(name), map, Optional.empty());
    boolean readOnly = common.readOnly();
    ImageFile file;
    try {
      file = open(parts.driver(), name, readOnly, locking && !common.forceShare());
    } catch (ImageFault e) {
      if (readOnly || !common.autoReadOnly() || e.kind() != ErrorKind.ACCESS_DENIED) {
        throw e;
      }
      readOnly = true;
      file = open(parts.driver(), name, true, locking && !common.forceShare());
    }
    return new Node(names, new Node.Body.OfFile(NamedFile.of(file, name), readOnly));
  }

  private static void checkAio(String aio, boolean direct) throws ImageFault {
    switch (aio) {
      case "threads", "io_uring" -> {}
      case "native" -> {
        if (!direct) {
          throw GraphFault.bad(
              "aio=native was specified, but it requires cache.direct=on, which was not"
                  + " specified.");
        }
      }
      default -> throw GraphFault.bad("invalid parameter value: " + aio);
    }
  }

  private static boolean locking(String locking) throws ImageFault {
    return switch (locking) {
      case "on", "auto" -> true;
      case "off" -> false;
      default -> throw GraphFault.bad("invalid parameter value: " + locking);
    };
  }

  private static ImageFile open(Driver driver, String name, boolean readOnly, boolean locked)
      throws ImageFault {
    if (FileName.isImpossible(name)) {
      throw couldNotOpen(name, ErrorKind.NOT_FOUND, "No such file or directory");
    }
    requireKind(driver, name, readOnly);
    if (driver == Driver.HOST_DEVICE && CharacterDevice.is(FileName.path(name))) {
      return openDevice(name, readOnly);
    }
    try {
      return HostFile.open(FileName.path(name), !readOnly, locked);
    } catch (ImageFault e) {
      throw translate(name, readOnly, e);
    }
  }

  private static ImageFile openDevice(String name, boolean readOnly) throws ImageFault {
    try {
      return CharacterDevice.open(name, readOnly);
    } catch (AccessDeniedException e) {
      throw couldNotOpen(name, ErrorKind.ACCESS_DENIED, "Permission denied");
    } catch (FileSystemException e) {
      throw couldNotOpen(name, ErrorKind.IO, e.getReason() == null ? "No such device" : reason(e));
    } catch (IOException e) {
      throw couldNotOpen(name, ErrorKind.IO, "Input/output error");
    }
  }

  private static void requireKind(Driver driver, String name, boolean readOnly) throws ImageFault {
    boolean exists = Files.exists(FileName.path(name));
    if (!exists) {
      return;
    }
    if (driver == Driver.FILE && !Files.isRegularFile(FileName.path(name))) {
      if (!readOnly && Files.isDirectory(FileName.path(name))) {
        throw couldNotOpen(name, ErrorKind.WRONG_FORMAT, "Is a directory");
      }
      throw new ImageFault(
          ErrorKind.WRONG_FORMAT,
          ImageFault.NO_OFFSET,
          "'file' driver requires '" + name + "' to be a regular file");
    }
    if (driver == Driver.HOST_DEVICE
        && (Files.isRegularFile(FileName.path(name)) || Files.isDirectory(FileName.path(name)))) {
      throw new ImageFault(
          ErrorKind.WRONG_FORMAT,
          ImageFault.NO_OFFSET,
          "'host_device' driver requires '" + name + "' to be either a character or block device");
    }
  }

  private static ImageFault couldNotOpen(String name, ErrorKind kind, String reason) {
    return new ImageFault(kind, ImageFault.NO_OFFSET, "Could not open '" + name + "': " + reason);
  }

  private static String whyNotFound(Path path) {
    for (Path above = path.getParent(); above != null; above = above.getParent()) {
      if (Files.exists(above)) {
        return Files.isDirectory(above) ? "No such file or directory" : "Not a directory";
      }
    }
    return "No such file or directory";
  }

  private static ImageFault locked(String name, boolean readOnly, ImageFault fault) {
    boolean inQemusWords = fault.getMessage().startsWith("Failed to get ");
    String lock = (readOnly ? "shared " : "") + "\"write\" lock";
    return new ImageFault(
            ErrorKind.LOCKED,
            ImageFault.NO_OFFSET,
            inQemusWords ? fault.getMessage() : "Failed to get " + lock)
        .withHint("Is another process using the image [" + name + "]?");
  }

  /** The JDK adds to what the C library says of a loop of links. */
  private static String reason(FileSystemException e) {
    String loop = "Too many levels of symbolic links";
    return e.getReason().startsWith(loop) ? loop : e.getReason();
  }

  /** The library's sentence in the words of QEMU's driver. */
  private static ImageFault translate(String name, boolean readOnly, ImageFault fault) {
    return switch (fault.kind()) {
      case NOT_FOUND -> couldNotOpen(name, fault.kind(), whyNotFound(FileName.path(name)));
      case ACCESS_DENIED -> couldNotOpen(name, fault.kind(), "Permission denied");
      case LOCKED -> locked(name, readOnly, fault);
      default ->
          fault.getCause() instanceof FileSystemException e && e.getReason() != null
              ? couldNotOpen(name, fault.kind(), reason(e))
              : fault;
    };
  }
}
