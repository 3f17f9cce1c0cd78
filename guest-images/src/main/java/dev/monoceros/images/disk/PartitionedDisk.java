package dev.monoceros.images.disk;

import dev.monoceros.images.ImagesException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A disk of partitions one after the other, each aligned to 1 MiB, with a partition table. Parts
 * that are all zero are not written, so images stay sparse.
 *
 * @param table the partition table
 * @param partitions in the order of their numbers, at least one
 */
public record PartitionedDisk(PartitionTable table, List<Partition> partitions) {
  private static final int ALIGNMENT_BYTES = 1 << 20;
  private static final long ALIGNMENT_SECTORS = ALIGNMENT_BYTES / MbrWriter.SECTOR_BYTES;

  /**
   * The piece in which zeroes are looked for: the cluster size that qemu-img and we use by default.
   */
  private static final int CHUNK_BYTES = 64 << 10;

  /**
   * One partition.
   *
   * @param name shown in a GPT, ignored in an MBR
   * @param content a raw file whose size, rounded up to 1 MiB, is the partition's
   */
  public record Partition(String name, Path content) {}

  public PartitionedDisk {
    partitions = List.copyOf(partitions);
    if (partitions.isEmpty()) {
      throw new IllegalArgumentException("a partitioned disk has at least one partition");
    }
  }

  /**
   * Writes the disk to a new image file; a half-written one is removed when it fails.
   *
   * @throws ImagesException IO, also when somebody has the file open, who then keeps it
   */
  public void write(Path file, DiskTarget.Factory format) {
    try {
      List<Extent> extents = layout();
      // The last MiB holds the second GPT; an MBR disk has it too, so that both have one size.
      long sectors = extents.getLast().lastSector() + 1 + ALIGNMENT_SECTORS;
      DiskTarget target = format.create(file, sectors * MbrWriter.SECTOR_BYTES);
      fill(target, extents, sectors, file);
    } catch (IOException e) {
      throw ImagesException.io("write the disk image", file, e);
    }
  }

  private void fill(DiskTarget created, List<Extent> extents, long sectors, Path file)
      throws IOException {
    try (DiskTarget target = created) {
      writeTable(target, extents, sectors);
      for (int i = 0; i < partitions.size(); i++) {
        copy(
            partitions.get(i).content(),
            target,
            extents.get(i).firstSector() * MbrWriter.SECTOR_BYTES);
      }
    } catch (IOException e) {
      delete(file, e);
      throw e;
    }
  }

  private List<Extent> layout() throws IOException {
    List<Extent> extents = new ArrayList<>();
    long next = ALIGNMENT_SECTORS;
    for (Partition partition : partitions) {
      long size = Math.max(Files.size(partition.content()), 1);
      long sectors = Math.ceilDiv(size, ALIGNMENT_BYTES) * ALIGNMENT_SECTORS;
      extents.add(new Extent(next, sectors));
      next = Math.addExact(next, sectors);
    }
    return extents;
  }

  private void writeTable(DiskTarget target, List<Extent> extents, long sectors)
      throws IOException {
    switch (table) {
      case PartitionTable.Mbr mbr -> target.write(0, MbrWriter.table(mbr.diskSignature(), extents));
      case PartitionTable.Gpt gpt -> {
        GptWriter writer = new GptWriter(gpt.diskId(), sectors);
        ByteBuffer entries =
            writer.entries(extents, partitions.stream().map(Partition::name).toList());
        target.write(0, MbrWriter.protective(sectors));
        target.write(MbrWriter.SECTOR_BYTES, writer.header(true, entries));
        target.write(2L * MbrWriter.SECTOR_BYTES, entries.duplicate());
        target.write(
            (sectors - 1 - GptWriter.TABLE_SECTORS) * MbrWriter.SECTOR_BYTES, entries.duplicate());
        target.write((sectors - 1) * MbrWriter.SECTOR_BYTES, writer.header(false, entries));
      }
    }
  }

  private static void copy(Path content, DiskTarget target, long offset) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
    ByteBuffer zeroes = ByteBuffer.allocate(CHUNK_BYTES);
    try (FileChannel source = FileChannel.open(content, StandardOpenOption.READ)) {
      long position = 0;
      while (true) {
        chunk.clear();
        while (chunk.hasRemaining() && source.read(chunk, position + chunk.position()) >= 0) {
          // A read may stop short of a whole chunk before the end of the file.
        }
        chunk.flip();
        if (!chunk.hasRemaining()) {
          return;
        }
        int length = chunk.remaining();
        if (!chunk.equals(zeroes.slice(0, length))) {
          target.write(offset + position, chunk);
        }
        position += length;
      }
    }
  }

  private static void delete(Path file, IOException because) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      because.addSuppressed(e);
    }
  }
}
