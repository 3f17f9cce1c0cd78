package dev.monoceros.qcow.check;

import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;

/**
 * What the steps of one check share.
 *
 * @param fix what may be mended
 * @param tally counters of the refcount check
 * @param counted references found so far
 */
record Examination(
    OrderedFile file, Layout layout, Fix fix, Messages messages, Tally tally, References counted) {

  void say(String line) {
    messages.add(line);
  }

  /** A finding that is wrong and stays so. */
  void corruption(String line) {
    tally.corruptions++;
    messages.add(line);
  }

  /**
   * True if the host says that a range of the file was never written, and so holds zeros: a sparse
   * file may claim terabytes of tables.
   */
  boolean hole(long offset, long length) throws ImageFault {
    if (offset >= file.size()) {
      return true;
    }
    return file.knowsHoles() && file.nextData(offset) >= Math.min(offset + length, file.size());
  }

  Examination with(Fix other) {
    return new Examination(file, layout, other, messages, tally, counted);
  }

  Examination with(Layout other) {
    return new Examination(file, other, fix, messages, tally, counted);
  }
}
