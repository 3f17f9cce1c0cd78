package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.AmendOptions;
import dev.monoceros.qcow.BackingReference;
import dev.monoceros.qcow.Bitmaps;
import dev.monoceros.qcow.CheckReport;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.Extent;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.ImageFormat;
import dev.monoceros.qcow.ImageInfo;
import dev.monoceros.qcow.ImageStats;
import dev.monoceros.qcow.Preallocation;
import dev.monoceros.qcow.Progress;
import dev.monoceros.qcow.Repair;
import dev.monoceros.qcow.Snapshots;
import dev.monoceros.qcow.codec.ClusterCompressor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/** A filter that does nothing yet: every call goes to the image below. */
abstract class ForwardingImage implements DiskImage {
  private final DiskImage image;

  ForwardingImage(DiskImage image) {
    this.image = image;
  }

  final DiskImage image() {
    return image;
  }

  @Override
  public long size() {
    return image.size();
  }

  @Override
  public ImageFormat format() {
    return image.format();
  }

  @Override
  public String driver() {
    return image.driver();
  }

  @Override
  public int clusterSize() {
    return image.clusterSize();
  }

  @Override
  public boolean readOnly() {
    return image.readOnly();
  }

  @Override
  public void read(long offset, ByteBuffer target) throws ImageException {
    image.read(offset, target);
  }

  /** In terms of {@link #read(long, ByteBuffer)}, as all forms of reading and writing here. */
  @Override
  public final void read(long offset, MemorySegment target) throws ImageException {
    Chunks.forEach(offset, target, this::read);
  }

  @Override
  public final void read(long offset, List<MemorySegment> targets) throws ImageException {
    long at = offset;
    for (MemorySegment target : targets) {
      read(at, target);
      at += target.byteSize();
    }
  }

  @Override
  public void write(long offset, ByteBuffer source) throws ImageException {
    image.write(offset, source);
  }

  @Override
  public final void write(long offset, MemorySegment source) throws ImageException {
    Chunks.forEach(offset, source, this::write);
  }

  @Override
  public final void write(long offset, List<MemorySegment> sources) throws ImageException {
    long at = offset;
    for (MemorySegment source : sources) {
      write(at, source);
      at += source.byteSize();
    }
  }

  @Override
  public void writeZeroes(long offset, long length, boolean mayUnmap) throws ImageException {
    image.writeZeroes(offset, length, mayUnmap);
  }

  @Override
  public void discard(long offset, long length) throws ImageException {
    image.discard(offset, length);
  }

  @Override
  public void flush() throws ImageException {
    image.flush();
  }

  @Override
  public void writeCompressed(long offset, ByteBuffer source) throws ImageException {
    image.writeCompressed(offset, source);
  }

  @Override
  public ClusterCompressor newCompressor() throws ImageException {
    return image.newCompressor();
  }

  @Override
  public void writePrecompressed(long offset, ByteBuffer packed) throws ImageException {
    image.writePrecompressed(offset, packed);
  }

  @Override
  public void readVmState(long offset, ByteBuffer target) throws ImageException {
    image.readVmState(offset, target);
  }

  @Override
  public void writeVmState(long offset, ByteBuffer source) throws ImageException {
    image.writeVmState(offset, source);
  }

  @Override
  public Extent extent(long offset, long length) throws ImageException {
    return image.extent(offset, length);
  }

  @Override
  public Extent ownExtent(long offset, long length) throws ImageException {
    return image.ownExtent(offset, length);
  }

  @Override
  public Optional<DiskImage> backing() {
    return image.backing();
  }

  @Override
  public ImageInfo info() throws ImageException {
    return image.info();
  }

  @Override
  public Snapshots snapshots() {
    return image.snapshots();
  }

  @Override
  public Bitmaps bitmaps() {
    return image.bitmaps();
  }

  @Override
  public void resize(long size, Preallocation preallocation, boolean shrink) throws ImageException {
    image.resize(size, preallocation, shrink);
  }

  @Override
  public void amend(AmendOptions options, Progress progress) throws ImageException {
    image.amend(options, progress);
  }

  @Override
  public void changeBacking(Optional<BackingReference> backing) throws ImageException {
    image.changeBacking(backing);
  }

  @Override
  public void makeEmpty() throws ImageException {
    image.makeEmpty();
  }

  @Override
  public CheckReport check(Repair repair) throws ImageException {
    return image.check(repair);
  }

  @Override
  public ImageStats stats() {
    return image.stats();
  }

  @Override
  public void close() throws ImageException {
    image.close();
  }
}
