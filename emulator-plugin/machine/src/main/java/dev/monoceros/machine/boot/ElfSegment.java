package dev.monoceros.machine.boot;

/**
 * A PT_LOAD program header.
 *
 * @param offset where its bytes are in the file
 * @param virtual virtual address
 * @param physical physical address
 * @param fileSize bytes in the file
 * @param memorySize bytes in memory, the rest being zero
 */
record ElfSegment(long offset, long virtual, long physical, long fileSize, long memorySize) {
  long end() {
    return physical + memorySize;
  }
}
