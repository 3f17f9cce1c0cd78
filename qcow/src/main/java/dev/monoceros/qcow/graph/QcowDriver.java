package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.ImageFormat;
import dev.monoceros.qcow.OpenOptions;
import dev.monoceros.qcow.io.ImageFault;

/** The drivers {@code qcow2} and {@code qcow}. */
final class QcowDriver {
  private QcowDriver() {}

  static Node open(NodeParts parts, CommonOptions common) throws ImageFault {
    Node file = parts.requireFile();
    QcowContext context = new QcowContext(parts);
    OpenOptions options =
        FormatOptions.of(parts, common, context)
            .withFormat(parts.driver() == Driver.QCOW ? ImageFormat.QCOW : ImageFormat.QCOW2);
    ImageFault badOption = null;
    if (parts.driver() == Driver.QCOW2) {
      try {
        options = QcowOptions.apply(parts.options(), options);
        EncryptOptions.check(parts.options(), file.asFile(), options.describeOnly());
      } catch (ImageFault e) {
        badOption = e;
      }
    }
    try {
      DiskImage image = DiskImage.open(file.asFile(), options);
      Node node = new Node(context.names(), new Node.Body.OfImage(image));
      // What is wrong with the image is said before what is wrong with the options.
      ImageFault fault = badOption != null ? badOption : context.leftOver();
      if (fault != null) {
        node.closeAfter(fault);
        throw fault;
      }
      return node;
    } catch (ImageException e) {
      ImageFault fault = e.asFault();
      // Whether an image is encrypted is the one thing that options are held against.
      throw badOption != null && EncryptOptions.isRefusal(fault) ? badOption : fault;
    }
  }
}
