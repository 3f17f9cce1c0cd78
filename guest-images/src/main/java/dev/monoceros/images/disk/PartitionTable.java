package dev.monoceros.images.disk;

import java.util.UUID;

/** How a disk is divided. Ids are given, never drawn: the same layout has the same bytes. */
public sealed interface PartitionTable {
  /**
   * The oldest form: at most four partitions of up to 2 TiB, ids derived from the disk's 32-bit
   * signature.
   */
  record Mbr(int diskSignature) implements PartitionTable {}

  /** GUID partition table. Partition ids count up from the disk's. */
  record Gpt(UUID diskId) implements PartitionTable {}

  /** An MBR with the project's fixed signature. */
  static PartitionTable mbr() {
    return new Mbr(0x6D6F6E6F);
  }

  /** A GPT with the project's fixed id. */
  static PartitionTable gpt() {
    return new Gpt(UUID.fromString("6d6f6e6f-6365-426f-8000-000000000600"));
  }
}
