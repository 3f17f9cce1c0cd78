package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;

/** Faults in what the user asked for; the sentences are QEMU's. */
final class GraphFault {
  private GraphFault() {}

  static ImageFault bad(String sentence) {
    return new ImageFault(ErrorKind.BAD_OPTION, ImageFault.NO_OFFSET, sentence);
  }

  /** A syntax error in a {@code json:} file name. */
  static ImageFault json(String what) {
    return bad("JSON parse error, " + what);
  }

  /** The same fault behind what {@code prefix} says of the circumstances. */
  static ImageFault prepend(String prefix, ImageFault fault) {
    ImageFault longer = new ImageFault(fault.kind(), fault.offset(), prefix + fault.getMessage());
    longer.withHint(fault.hint().orElse(null));
    longer.initCause(fault.getCause());
    longer.setStackTrace(fault.getStackTrace());
    for (Throwable suppressed : fault.getSuppressed()) {
      longer.addSuppressed(suppressed);
    }
    return longer;
  }
}
