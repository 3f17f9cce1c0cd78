package dev.monoceros.qcow.copy;

import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.codec.ClusterCompressor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;

/** Fills buffers with chunks on any thread, and writes them on its owner's. */
final class ChunkWriter implements AutoCloseable {
  private static final int PAGE = 4096;
  private static final int PLAIN = ClusterCompressor.INCOMPRESSIBLE;

  /**
   * Native memory, seen in two ways.
   *
   * @param packed room for the compressed form; null if nothing is compressed
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  record Buffer(MemorySegment segment, ByteBuffer bytes, byte[] packed) {}

  /**
   * A chunk that is ready to be written.
   *
   * @param buffer its bytes; null if it has none
   * @param pieces of the buffer, by their ends
   * @param packed length of the compressed form, or INCOMPRESSIBLE
   * @param lost sectors that were taken as zero
   */
  record Ready(
      ConvertPlan.Chunk chunk,
      Buffer buffer,
      List<ZeroScan.Piece> pieces,
      int packed,
      List<CopyException> lost) {}

  private final Concatenation source;
  private final SectorDisk target;
  private final ConvertOptions options;
  private final CopyListener listener;
  private final ZeroScan scan;
  private final ClusterPacker packer;
  private final Arena arena = Arena.ofShared();
  private final int bufferSize;
  private final ArrayDeque<Buffer> free = new ArrayDeque<>();

  /** How many more may be made; making one takes as long as filling it, so the fillers do it. */
  private int unmade;

  ChunkWriter(
      Concatenation source,
      SectorDisk target,
      ConvertOptions options,
      CopyListener listener,
      int bufferSize,
      int buffers) {
    this.source = source;
    this.target = target;
    this.options = options;
    this.listener = listener;
    this.scan = new ZeroScan(options.minSparse());
    this.packer = options.compressed() ? new ClusterPacker(target.image()) : null;
    this.bufferSize = bufferSize;
    this.unmade = buffers;
  }

  int freeBuffers() {
    return unmade + free.size();
  }

  /** A task that reads the chunk and finds its zeros; its buffer is taken now. */
  FutureTask<Ready> prepare(ConvertPlan.Chunk chunk) {
    if (chunk.length() == 0) {
      return new FutureTask<>(() -> new Ready(chunk, null, List.of(), PLAIN, List.of()));
    }
    Buffer buffer = free.poll();
    if (buffer == null) {
      unmade--;
      return new FutureTask<>(() -> fill(chunk, newBuffer()));
    }
    return new FutureTask<>(() -> fill(chunk, buffer));
  }

  private Buffer newBuffer() {
    MemorySegment segment = arena.allocate(bufferSize, PAGE);
    byte[] packed = options.compressed() ? new byte[bufferSize] : null;
    return new Buffer(segment, segment.asByteBuffer(), packed);
  }

  private Ready fill(ConvertPlan.Chunk chunk, Buffer buffer) throws CopyException {
    List<CopyException> lost = new ArrayList<>(0);
    int length = chunk.length();
    if (chunk.kind() == ConvertPlan.Kind.DATA) {
      source.read(chunk.offset(), buffer.bytes().clear().limit(length), lost::add);
    } else {
      buffer.segment().asSlice(0, length).fill((byte) 0);
    }
    List<ZeroScan.Piece> pieces = pieces(chunk, buffer);
    boolean pack = options.compressed() && pieces.getFirst().data();
    return new Ready(chunk, buffer, pieces, pack ? pack(chunk, buffer) : PLAIN, lost);
  }

  private int pack(ConvertPlan.Chunk chunk, Buffer buffer) throws CopyException {
    try {
      return packer.pack(buffer.bytes().clear().limit(chunk.length()), buffer.packed());
    } catch (ImageException e) {
      throw new CopyException(CopyException.Step.WRITE, 0, chunk.offset(), e);
    }
  }

  private List<ZeroScan.Piece> pieces(ConvertPlan.Chunk chunk, Buffer buffer) {
    int length = chunk.length();
    if (options.minSparse() == 0) {
      return List.of(new ZeroScan.Piece(length, true));
    }
    if (options.compressed()) {
      return List.of(new ZeroScan.Piece(length, !ZeroScan.isZero(buffer.segment(), 0, length)));
    }
    buffer.bytes().clear();
    List<ZeroScan.Piece> pieces = new ArrayList<>(4);
    int at = 0;
    while (at < length) {
      ZeroScan.Piece piece = scan.next(buffer, chunk.offset(), at, length);
      pieces.add(piece);
      at = piece.end();
    }
    return pieces;
  }

  /** Writes a chunk and takes its buffer back. */
  void write(Ready ready) throws CopyException {
    ConvertPlan.Chunk chunk = ready.chunk();
    ready.lost().forEach(listener::salvaged);
    try {
      if (chunk.length() > 0) {
        writePieces(chunk.offset(), ready);
      } else if (chunk.kind() == ConvertPlan.Kind.ZERO && !options.targetIsZero()) {
        listener.beforeWrite(chunk.skip());
        target.writeZeroes(chunk.offset(), chunk.skip(), true);
      }
    } catch (ImageException e) {
      throw new CopyException(CopyException.Step.WRITE, 0, chunk.offset(), e);
    }
    if (ready.buffer() != null) {
      free.add(ready.buffer());
    }
  }

  private void writePieces(long offset, Ready ready) throws ImageException {
    ByteBuffer bytes = ready.buffer().bytes();
    int from = 0;
    for (ZeroScan.Piece piece : ready.pieces()) {
      int length = piece.end() - from;
      long at = offset + from;
      if (!piece.data()) {
        if (!options.targetIsZero()) {
          target.writeZeroes(at, length, true);
        }
      } else {
        listener.beforeWrite(length);
        bytes.clear().position(from).limit(piece.end());
        if (ready.packed() == PLAIN) {
          target.write(at, bytes);
        } else {
          ByteBuffer packed = ByteBuffer.wrap(ready.buffer().packed(), 0, ready.packed());
          target.image().writePrecompressed(at, packed);
        }
      }
      from = piece.end();
    }
  }

  @Override
  public void close() {
    arena.close();
    if (packer != null) {
      packer.close();
    }
  }
}
