package dev.monoceros.qcow.map;

import dev.monoceros.qcow.io.ImageFault;

/** Tells a {@link MetadataMap} of every table there is, when it is asked for the first time. */
@FunctionalInterface
interface TableRegister {
  /** Calls {@link MetadataMap#addTable} for each; after a failure it is called again. */
  void fill() throws ImageFault;
}
