package dev.monoceros.qcow.graph;

import java.util.List;
import java.util.Optional;

/**
 * A node to be opened.
 *
 * @param fileName given beside the options
 * @param reference name of a node that should be there already
 * @param options of the node and of its children, as dotted keys; they are used up
 * @param protocol the driver, if none is given, is chosen by the file name and not by the contents
 * @param noBacking the image below is left out
 * @param depth how many nodes there are above; 0 for the topmost
 * @param above names of the images above that this one backs
 */
record NodeRequest(
    Optional<String> fileName,
    Optional<String> reference,
    OptionMap options,
    boolean protocol,
    boolean noBacking,
    int depth,
    List<String> above) {

  /** The same with what was found out about it. */
  NodeRequest with(Optional<String> newName, boolean newProtocol, boolean newNoBacking) {
    return new NodeRequest(newName, reference, options, newProtocol, newNoBacking, depth, above);
  }
}
