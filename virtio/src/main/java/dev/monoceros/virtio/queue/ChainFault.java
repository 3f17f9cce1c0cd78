package dev.monoceros.virtio.queue;

/**
 * What is wrong with one descriptor chain. The chain is the driver's fault and harms nobody else:
 * its head goes back to the driver and the queue goes on.
 */
public enum ChainFault {
  /** A descriptor index beyond its table. */
  INDEX_OUT_OF_RANGE("a descriptor names a next descriptor outside its table"),
  /** More steps than the table has descriptors, so one was met twice (2.7.5.2). */
  LOOP("the descriptor chain loops"),
  /** More descriptors than the queue allows, or more than 2^32-1 bytes (2.7.5.2, 2.7.5.3.1). */
  TOO_LONG("the descriptor chain is longer than the queue allows"),
  /** A buffer of no bytes. */
  ZERO_LENGTH("a descriptor describes a buffer of zero bytes"),
  /** A buffer that is not all RAM. */
  BAD_ADDRESS("a descriptor describes memory that is not RAM"),
  /** A device-readable buffer after a device-writable one (2.7.4.2). */
  READABLE_AFTER_WRITABLE("a device-readable buffer follows a device-writable one"),
  /** An indirect descriptor although INDIRECT_DESC was not negotiated (2.7.5.3.1). */
  INDIRECT_NOT_NEGOTIATED("an indirect descriptor was used without VIRTIO_F_INDIRECT_DESC"),
  /** An indirect descriptor inside an indirect table (2.7.5.3.1). */
  NESTED_INDIRECT("an indirect table refers to another indirect table"),
  /** INDIRECT and NEXT in one descriptor (2.7.5.3.1). */
  INDIRECT_WITH_NEXT("a descriptor has both INDIRECT and NEXT set"),
  /** An indirect table that is empty, not made of whole descriptors, or not all RAM. */
  BAD_INDIRECT_TABLE("an indirect table is empty, of odd length or not in RAM");

  private final String sentence;

  ChainFault(String sentence) {
    this.sentence = sentence;
  }

  /** The fault in one clause, for logs. */
  public String sentence() {
    return sentence;
  }
}
