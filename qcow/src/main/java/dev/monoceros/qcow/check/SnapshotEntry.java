package dev.monoceros.qcow.check;

/**
 * One entry of the snapshot table, section "Snapshots"; its texts stay in the file.
 *
 * @param offset of the entry in the file
 * @param l1Offset any 64 bits
 * @param l1Entries unsigned 32 bits
 * @param extraBytes of its extra data, cut to what is kept
 * @param idOffset where the id starts; the name follows it
 */
record SnapshotEntry(
    long offset,
    long l1Offset,
    long l1Entries,
    int extraBytes,
    long idOffset,
    int idBytes,
    int nameBytes) {}
