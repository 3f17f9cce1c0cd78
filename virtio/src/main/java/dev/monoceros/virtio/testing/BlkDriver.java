package dev.monoceros.virtio.testing;

import dev.monoceros.virtio.memory.GuestMemory;
import java.util.List;

/**
 * A driver for the block device on top of {@link FakeDriver}: one request at a time, header and
 * status in memory of its own.
 */
public final class BlkDriver {
  // VIRTIO_BLK_T_* and VIRTIO_BLK_S_* of linux/virtio_blk.h
  public static final int T_IN = 0;
  public static final int T_OUT = 1;
  public static final int T_FLUSH = 4;
  public static final int T_GET_ID = 8;
  public static final int T_DISCARD = 11;
  public static final int T_WRITE_ZEROES = 13;
  public static final int T_SECURE_ERASE = 14;
  public static final int S_OK = 0;
  public static final int S_IOERR = 1;
  public static final int S_UNSUPP = 2;

  /** What the status byte holds before the device has written it: no status of the protocol. */
  public static final int NO_STATUS = 0xFF;

  public static final int HEADER_BYTES = 16;
  private static final int SECTOR = 512;
  private static final int MOST_ALARMS = 1000;

  private final DriverQueue ring;
  private final GuestMemory memory;
  private final ManualClock clock;
  private final long header;
  private final long status;
  private final long data;
  private final int dataBytes;
  private final FakeDriver driver;

  /** A driver with a data buffer of {@code dataBytes}, on a queue that is set up and live. */
  public BlkDriver(FakeDriver driver, DriverQueue ring, ManualClock clock, int dataBytes) {
    this.driver = driver;
    this.ring = ring;
    this.memory = driver.memory();
    this.clock = clock;
    this.header = driver.allocate(HEADER_BYTES, 16);
    this.status = driver.allocate(1, 1);
    this.data = driver.allocate(dataBytes, 4096);
    this.dataBytes = dataBytes;
  }

  /** Guest physical address of the data buffer. */
  public long dataAddress() {
    return data;
  }

  /** Guest physical address of the status byte. */
  public long statusAddress() {
    return status;
  }

  /** The status byte as it is in memory. */
  public int status() {
    return memory.u8(status);
  }

  /** Writes a request header at a guest physical address. */
  public void putHeader(long at, long type, long sector) {
    memory.putU32(at, type);
    memory.putU32(at + 4, 0);
    memory.putU64(at + 8, sector);
  }

  /** Fills the header and returns the buffers of a request in the classic layout. */
  public List<DriverBuffer> request(long type, long sector, long bytes, boolean deviceWrites) {
    putHeader(header, type, sector);
    memory.putU8(status, NO_STATUS);
    DriverBuffer head = DriverBuffer.readable(header, HEADER_BYTES);
    DriverBuffer tail = DriverBuffer.writable(status, 1);
    return bytes == 0
        ? List.of(head, tail)
        : List.of(head, new DriverBuffer(data, bytes, deviceWrites), tail);
  }

  /** Submits a request, runs virtual time until it is used, and returns the status byte. */
  public int transfer(long type, long sector, long bytes, boolean deviceWrites) {
    int head = ring.chain(request(type, sector, bytes, deviceWrites));
    ring.submit(head);
    await();
    if (ring.takeUsed() != head) {
      throw new IllegalStateException("another chain came back");
    }
    driver.readIsr();
    return status();
  }

  /** Lets virtual time run until something is used. */
  public void await() {
    for (int i = 0; i < MOST_ALARMS && !ring.hasUsed(); i++) {
      if (!clock.runNext()) {
        throw new IllegalStateException("the device has nothing to do and gave nothing back");
      }
    }
  }

  /** Reads whole sectors. */
  public byte[] read(long sector, int sectors) {
    checkOk(transfer(T_IN, sector, checkedBytes(sectors), true));
    byte[] bytes = new byte[sectors * SECTOR];
    memory.read(data, bytes, 0, bytes.length);
    return bytes;
  }

  /** Writes whole sectors. */
  public void write(long sector, byte[] bytes) {
    checkedBytes(bytes.length / SECTOR);
    memory.write(data, bytes, 0, bytes.length);
    checkOk(transfer(T_OUT, sector, bytes.length, false));
  }

  /** One segment of a discard, write-zeroes or secure-erase request. */
  public record Range(long sector, long sectors, long flags) {}

  /** Asks for a discard, write-zeroes or secure-erase of some ranges; returns the status byte. */
  public int change(long type, Range... ranges) {
    for (int i = 0; i < ranges.length; i++) {
      long at = data + (long) HEADER_BYTES * i;
      memory.putU64(at, ranges[i].sector());
      memory.putU32(at + 8, ranges[i].sectors());
      memory.putU32(at + 12, ranges[i].flags());
    }
    return transfer(type, 0, (long) HEADER_BYTES * ranges.length, false);
  }

  /** Flushes. */
  public void flush() {
    checkOk(transfer(T_FLUSH, 0, 0, false));
  }

  private int checkedBytes(int sectors) {
    int bytes = Math.multiplyExact(sectors, SECTOR);
    if (bytes > dataBytes) {
      throw new IllegalArgumentException(bytes + " bytes, but the buffer has " + dataBytes);
    }
    return bytes;
  }

  private static void checkOk(int outcome) {
    if (outcome != S_OK) {
      throw new IllegalStateException("the device answered status " + outcome);
    }
  }
}
