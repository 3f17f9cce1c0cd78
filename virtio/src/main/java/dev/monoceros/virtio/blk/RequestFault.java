package dev.monoceros.virtio.blk;

/** Why a request is refused without asking the backend: a duty of the driver that it failed. */
public enum RequestFault {
  /** The descriptor chain itself is faulty. */
  BAD_CHAIN("its descriptor chain is faulty"),
  /** Nothing device-writable, so nowhere to put a status (5.2.6). */
  NO_STATUS_BYTE("it has no device-writable byte for the status"),
  /** Fewer device-readable bytes than a header has (5.2.6). */
  SHORT_HEADER("its header is shorter than 16 bytes"),
  /** Data to write where only the device writes, or the other way round. */
  WRONG_DIRECTION("its data buffers have the wrong direction"),
  /** A length that is not a multiple of 512 (5.2.6). */
  PARTIAL_SECTOR("its data is not a whole number of sectors"),
  /** Sectors beyond the capacity (5.2.6.1). */
  OUT_OF_RANGE("its sectors are not all inside the capacity"),
  /** A write to a read-only device (5.2.6.2). */
  READ_ONLY("it writes to a read-only device"),
  /** A data segment longer than size_max, which was negotiated (5.2.6.1). */
  SEGMENT_TOO_LONG("it has a data segment longer than size_max"),
  /** Data that is not one or more whole 16-byte segments of a discard or the like (5.2.6.1). */
  BAD_RANGE_LENGTH("its data is not a whole number of range segments"),
  /** A range of more sectors than the configuration space allows (5.2.6.1). */
  RANGE_TOO_LONG("its range is longer than the device allows"),
  /** More data segments than seg_max, if negotiated, or more ranges than allowed (5.2.6.1). */
  TOO_MANY_SEGMENTS("it has more segments than the device allows"),
  /** A GET_ID buffer that is not 20 bytes (5.2.6.1). */
  BAD_ID_LENGTH("its buffer for the device ID is not 20 bytes");

  private final String sentence;

  RequestFault(String sentence) {
    this.sentence = sentence;
  }

  /** The fault in one clause, for logs. */
  public String sentence() {
    return sentence;
  }
}
