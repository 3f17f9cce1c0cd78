package dev.monoceros.virtio.blk;

import dev.monoceros.virtio.memory.GuestBuffers;
import dev.monoceros.virtio.queue.DescriptorChain;
import java.util.Optional;

/**
 * One request, fully parsed and checked. Immutable to everybody but the device: the object comes
 * from a pool of its queue and is used again once the request has completed.
 */
public final class BlkRequest {

  /** What is asked for. */
  public enum Kind {
    /** VIRTIO_BLK_T_IN. */
    READ,
    /** VIRTIO_BLK_T_OUT. */
    WRITE,
    /** VIRTIO_BLK_T_FLUSH. */
    FLUSH,
    /** VIRTIO_BLK_T_GET_ID. */
    GET_ID,
    /** VIRTIO_BLK_T_DISCARD. */
    DISCARD,
    /** VIRTIO_BLK_T_WRITE_ZEROES. */
    WRITE_ZEROES,
    /** VIRTIO_BLK_T_SECURE_ERASE. */
    SECURE_ERASE,
    /** A type that this device does not know or does not offer: answered UNSUPP. */
    UNSUPPORTED,
    /** Refused for its {@link #fault}: answered IOERR. */
    INVALID
  }

  private final BlkQueue queue;
  private final GuestBuffers data;
  private final BlkRanges ranges;
  private DescriptorChain chain;
  private Kind kind = Kind.INVALID;
  private RequestFault fault;
  private long offset;

  // The outcome, set by the executor.
  private int status;
  private long dataWritten;
  private long dataBytes;

  // Set by the completion queue.
  private long dueNanos;
  private long sequence;

  /** {@code data} and {@code ranges} are shared by all requests of a queue. */
  BlkRequest(BlkQueue queue, GuestBuffers data, BlkRanges ranges) {
    this.queue = queue;
    this.data = data;
    this.ranges = ranges;
  }

  /** What is asked for. */
  public Kind kind() {
    return kind;
  }

  /** Why the request is {@link Kind#INVALID}; empty for every other kind. */
  public Optional<RequestFault> fault() {
    return Optional.ofNullable(fault);
  }

  /** First byte on the disk of a READ or WRITE, a multiple of 512; 0 for other kinds. */
  public long offset() {
    return offset;
  }

  /**
   * The guest's buffers that are to be filled or stored; empty where there are none. To be looked
   * at while the request is carried out; later requests use the object again.
   */
  public GuestBuffers data() {
    return data;
  }

  /**
   * The ranges of a DISCARD, WRITE_ZEROES or SECURE_ERASE; empty for every other kind. To be looked
   * at while the request is carried out; later requests use the object again.
   */
  public BlkRanges ranges() {
    return ranges;
  }

  void begin(DescriptorChain newChain) {
    chain = newChain;
    kind = Kind.INVALID;
    fault = null;
    offset = 0;
    data.clear();
    ranges.clear();
    status = BlkStatus.IOERR;
    dataWritten = 0;
  }

  void setKind(Kind newKind) {
    kind = newKind;
  }

  void setOffset(long newOffset) {
    offset = newOffset;
  }

  void refuse(RequestFault why) {
    kind = Kind.INVALID;
    fault = why;
    data.clear();
    ranges.clear();
  }

  BlkQueue queue() {
    return queue;
  }

  DescriptorChain chain() {
    return chain;
  }

  int status() {
    return status;
  }

  /** Sets the outcome: the status byte and how many data bytes the guest's buffers now hold. */
  void finish(int newStatus, long newDataWritten) {
    status = newStatus;
    dataWritten = newDataWritten;
    dataBytes = data.byteSize();
  }

  /** Bytes of {@link #data}, once the request is finished. */
  long dataBytes() {
    return dataBytes;
  }

  long dataWritten() {
    return dataWritten;
  }

  void setDue(long nanos, long newSequence) {
    dueNanos = nanos;
    sequence = newSequence;
  }

  long dueNanos() {
    return dueNanos;
  }

  boolean isDueBefore(BlkRequest other) {
    return dueNanos < other.dueNanos || (dueNanos == other.dueNanos && sequence < other.sequence);
  }
}
