package dev.monoceros.qcow;

import dev.monoceros.qcow.cache.CachedTable;
import dev.monoceros.qcow.codec.ClusterCompressor;
import dev.monoceros.qcow.format.CompressedDescriptor;
import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.io.BlockEvent;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;
import dev.monoceros.qcow.map.ClusterMap;
import dev.monoceros.qcow.map.PackedBytes;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Supplier;

/**
 * Writes whole clusters compressed, into vacant places of the map only, as QEMU does. The order is
 * that of plain data: bytes and refcounts reach the disk before the L2 entry that relies on them.
 */
final class CompressedWriter implements AutoCloseable {
  private final OrderedFile file;
  private final Geometry geometry;
  private final ClusterMap map;
  private final ClusterWriter plain;
  private final CompressedClusters reader;
  private final Supplier<ClusterCompressor> compressors;
  private ClusterCompressor compressor;
  private byte[] cluster;
  private byte[] packed;

  CompressedWriter(
      OrderedFile file,
      Geometry geometry,
      ClusterMap map,
      ClusterWriter plain,
      CompressedClusters reader,
      Supplier<ClusterCompressor> compressors) {
    this.file = file;
    this.geometry = geometry;
    this.map = map;
    this.plain = plain;
    this.reader = reader;
    this.compressors = compressors;
  }

  /** Compresses {@code source}; a cluster that does not get smaller is written plain. */
  void write(long offset, ByteBuffer source) throws ImageFault {
    requireAligned(offset);
    if (compressor == null) {
      compressor = compressors.get();
      cluster = new byte[geometry.clusterSize()];
      packed = new byte[geometry.clusterSize()];
    }
    long at = offset;
    while (source.hasRemaining()) {
      int length = Math.min(source.remaining(), cluster.length);
      source.get(source.position(), cluster, 0, length);
      Arrays.fill(cluster, length, cluster.length, (byte) 0);
      int size = compressor.compress(cluster, packed);
      if (size == ClusterCompressor.INCOMPRESSIBLE) {
        requireVacant(at);
        plain.write(at, ByteBuffer.wrap(cluster, 0, length));
      } else {
        writePacked(at, ByteBuffer.wrap(packed, 0, size));
      }
      source.position(source.position() + length);
      at += length;
    }
  }

  /** Writes a cluster that is a stream already. */
  void writePacked(long offset, ByteBuffer stream) throws ImageFault {
    requireAligned(offset);
    int length = stream.remaining();
    if (length == 0 || length >= geometry.clusterSize()) {
      throw bad("a compressed cluster of " + length + " bytes is not smaller than a cluster");
    }
    requireVacant(offset);
    CachedTable slice = map.ownedSlice(offset);
    map.pin(slice);
    try {
      PackedBytes room = map.byteAllocator().allocate(length);
      // Its place may have held another stream, which the reader could still remember.
      reader.forget();
      int start = stream.position();
      try {
        file.event(BlockEvent.WRITE_COMPRESSED);
        file.write(stream, room.offset());
      } catch (ImageFault e) {
        stream.position(start);
        map.byteAllocator().giveBack(room, e);
        throw e;
      }
      file.event(BlockEvent.L2_UPDATE_COMPRESSED);
      long entry = CompressedDescriptor.entry(room.offset(), length, geometry);
      map.entries().set(slice, map.indexInSlice(offset), entry, 0);
    } finally {
      map.unpin(slice);
    }
  }

  private void requireAligned(long offset) throws ImageFault {
    if (!geometry.aligned(offset)) {
      throw bad("disk offset " + offset + " is not a multiple of the cluster size");
    }
  }

  /** What is allocated is never overwritten compressed; QEMU fails such a write with EIO. */
  private void requireVacant(long offset) throws ImageFault {
    CachedTable slice = map.slice(offset);
    if (slice == null) {
      return;
    }
    int index = map.indexInSlice(offset);
    map.check(slice, index, offset);
    if (!map.entries().vacant(slice, index)) {
      throw new ImageFault(
          ErrorKind.IO,
          ImageFault.NO_OFFSET,
          "the cluster at disk offset "
              + offset
              + " is allocated already and cannot be overwritten compressed");
    }
  }

  private static ImageFault bad(String sentence) {
    return new ImageFault(ErrorKind.BAD_OPTION, ImageFault.NO_OFFSET, sentence);
  }

  @Override
  public void close() {
    if (compressor != null) {
      compressor.close();
    }
  }
}
