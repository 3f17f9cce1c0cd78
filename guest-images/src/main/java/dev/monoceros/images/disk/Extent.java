package dev.monoceros.images.disk;

/**
 * A run of 512-byte sectors.
 *
 * @param firstSector its first LBA
 * @param sectors how many
 */
record Extent(long firstSector, long sectors) {
  long lastSector() {
    return firstSector + sectors - 1;
  }
}
