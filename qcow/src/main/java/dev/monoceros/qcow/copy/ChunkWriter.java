package dev.monoceros.qcow.copy;

import dev.monoceros.qcow.ImageException;
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

  /** Native memory and the two views of it that are needed. */
  record Buffer(MemorySegment segment, ByteBuffer bytes) {}

  /**
   * A chunk that is ready to be written.
   *
   * @param buffer its bytes; null if it has none
   * @param pieces of the buffer, by their ends
   * @param lost sectors that were taken as zero
   */
  record Ready(
      ConvertPlan.Chunk chunk,
      Buffer buffer,
      List<ZeroScan.Piece> pieces,
      List<CopyException> lost) {}

  private final Concatenation source;
  private final SectorDisk target;
  private final ConvertOptions options;
  private final CopyListener listener;
  private final ZeroScan scan;
  private final Arena arena = Arena.ofShared();
  private final ArrayDeque<Buffer> free = new ArrayDeque<>();

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
    for (int i = 0; i < buffers; i++) {
      MemorySegment segment = arena.allocate(bufferSize, PAGE);
      free.add(new Buffer(segment, segment.asByteBuffer()));
    }
  }

  boolean hasBuffer() {
    return !free.isEmpty();
  }

  /** A task that reads the chunk and finds its zeros; its buffer is taken now. */
  FutureTask<Ready> prepare(ConvertPlan.Chunk chunk) {
    if (chunk.length() == 0) {
      return new FutureTask<>(() -> new Ready(chunk, null, List.of(), List.of()));
    }
    Buffer buffer = free.poll();
    return new FutureTask<>(() -> fill(chunk, buffer));
  }

  private Ready fill(ConvertPlan.Chunk chunk, Buffer buffer) throws CopyException {
    List<CopyException> lost = new ArrayList<>(0);
    int length = chunk.length();
    if (chunk.kind() == ConvertPlan.Kind.DATA) {
      source.read(chunk.offset(), buffer.bytes().clear().limit(length), lost::add);
    } else {
      buffer.segment().asSlice(0, length).fill((byte) 0);
    }
    return new Ready(chunk, buffer, pieces(chunk, buffer.segment()), lost);
  }

  private List<ZeroScan.Piece> pieces(ConvertPlan.Chunk chunk, MemorySegment bytes) {
    int length = chunk.length();
    if (options.minSparse() == 0) {
      return List.of(new ZeroScan.Piece(length, true));
    }
    if (options.compressed()) {
      return List.of(new ZeroScan.Piece(length, !ZeroScan.isZero(bytes, 0, length)));
    }
    List<ZeroScan.Piece> pieces = new ArrayList<>(4);
    int at = 0;
    while (at < length) {
      ZeroScan.Piece piece = scan.next(bytes, chunk.offset(), at, length);
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
        if (options.compressed()) {
          target.image().writeCompressed(at, clipped(bytes, at));
        } else {
          target.write(at, bytes);
        }
      }
      from = piece.end();
    }
  }

  private ByteBuffer clipped(ByteBuffer bytes, long offset) {
    long room = target.image().size() - offset;
    return bytes.remaining() > room ? bytes.limit(bytes.position() + (int) room) : bytes;
  }

  @Override
  public void close() {
    arena.close();
  }
}
