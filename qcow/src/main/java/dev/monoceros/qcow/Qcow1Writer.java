package dev.monoceros.qcow;

import dev.monoceros.qcow.codec.ClusterCompressor;
import dev.monoceros.qcow.format.Qcow1Entry;
import dev.monoceros.qcow.format.Qcow1Header;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;
import dev.monoceros.qcow.map.Qcow1Map;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Writes to a QCOW image of version 1: in place where a cluster is there, else a whole new one at
 * the end of the file, before the entry that will point at it.
 */
final class Qcow1Writer implements AutoCloseable {
  private final OrderedFile file;
  private final Qcow1Header header;
  private final Qcow1Map map;
  private final Below below;
  private final CompressedClusters compressed;
  private final ByteBuffer cluster;
  private ClusterCompressor compressor;
  private byte[] plain;
  private byte[] packed;

  Qcow1Writer(
      OrderedFile file,
      Qcow1Header header,
      Qcow1Map map,
      Below below,
      CompressedClusters compressed) {
    this.file = file;
    this.header = header;
    this.map = map;
    this.below = below;
    this.compressed = compressed;
    this.cluster = ByteBuffer.allocateDirect(header.clusterSize());
  }

  void write(long offset, ByteBuffer source) throws ImageFault {
    int limit = source.limit();
    long at = offset;
    try {
      while (source.position() < limit) {
        int length =
            Math.min(limit - source.position(), header.clusterSize() - header.inCluster(at));
        source.limit(source.position() + length);
        writePart(at, source);
        source.limit(limit);
        at += length;
      }
    } finally {
      source.limit(limit);
    }
  }

  /** Writes the remaining bytes of {@code source}, which are within one cluster. */
  private void writePart(long at, ByteBuffer source) throws ImageFault {
    long entry = map.entry(at);
    if (entry != 0 && !Qcow1Entry.compressed(entry)) {
      map.requireNoMetadata(entry);
      file.write(source, entry + header.inCluster(at));
      return;
    }
    fill(at, entry, source);
    map.requireTable(at);
    long before = file.size();
    long host = map.nextCluster();
    try {
      file.write(cluster.clear(), host);
    } catch (ImageFault e) {
      map.cutBack(before, e);
      throw e;
    }
    map.set(at, host);
    source.position(source.limit());
  }

  /**
   * What the new cluster will hold: the old bytes, wherever they are, with the new ones in them.
   */
  private void fill(long at, long entry, ByteBuffer source) throws ImageFault {
    int from = header.inCluster(at);
    cluster.clear();
    if (source.remaining() < cluster.capacity()) {
      if (entry == 0) {
        below.read(at - from, cluster);
      } else {
        int length = Qcow1Entry.compressedLength(entry, header);
        long offset = Qcow1Entry.compressedOffset(entry, header);
        compressed.read(offset, length, 0, cluster, cluster.capacity());
      }
    }
    cluster.put(from, source, source.position(), source.remaining());
  }

  /** Compresses {@code source}; a cluster that does not get smaller is written plain. */
  void writeCompressed(long offset, ByteBuffer source) throws ImageFault {
    requireAligned(offset);
    if (compressor == null) {
      compressor = ClusterCompressor.deflate();
      plain = new byte[header.clusterSize()];
      packed = new byte[header.clusterSize()];
    }
    long at = offset;
    while (source.hasRemaining()) {
      int length = Math.min(source.remaining(), plain.length);
      source.get(source.position(), plain, 0, length);
      Arrays.fill(plain, length, plain.length, (byte) 0);
      int size = compressor.compress(plain, packed);
      if (size == ClusterCompressor.INCOMPRESSIBLE) {
        requireVacant(at);
        write(at, ByteBuffer.wrap(plain, 0, length));
      } else {
        writePacked(at, ByteBuffer.wrap(packed, 0, size));
      }
      source.position(source.position() + length);
      at += length;
    }
  }

  /** Appends a stream at the very end of the file. */
  void writePacked(long offset, ByteBuffer stream) throws ImageFault {
    requireAligned(offset);
    requireVacant(offset);
    int length = stream.remaining();
    if (length == 0 || length >= header.clusterSize()) {
      throw bad("a compressed cluster of " + length + " bytes is not smaller than a cluster");
    }
    map.requireTable(offset);
    long host = file.size();
    if (host + length > Qcow1Entry.maxCompressedOffset(header)) {
      throw new ImageFault(
          ErrorKind.NO_SPACE, host, "the image file is too large for compressed clusters");
    }
    int start = stream.position();
    try {
      file.write(stream, host);
    } catch (ImageFault e) {
      stream.position(start);
      map.cutBack(host, e);
      throw e;
    }
    map.set(offset, Qcow1Entry.compressed(host, length, header));
  }

  private void requireAligned(long offset) throws ImageFault {
    if (header.inCluster(offset) != 0) {
      throw bad("disk offset " + offset + " is not a multiple of the cluster size");
    }
  }

  private void requireVacant(long offset) throws ImageFault {
    if (map.entry(offset) != 0) {
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
