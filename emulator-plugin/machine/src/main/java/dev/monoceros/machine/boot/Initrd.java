package dev.monoceros.machine.boot;

import java.io.IOException;
import java.util.List;

/**
 * An initrd in RAM: one or more files one after the other.
 *
 * @param address physical address, page aligned; 0 if there is none
 * @param size bytes
 */
record Initrd(long address, long size) {
  static final Initrd NONE = new Initrd(0, 0);

  /** What kernels that do not say accept: below 2 GiB. */
  private static final long DEFAULT_ADDRESS_MAX = 0x7fff_ffffL;

  /** The kernel looks for the next archive at a multiple of four. */
  private static final long ALIGNMENT = 4;

  /** Loads as high as the kernel allows: it needs the memory after itself first. */
  static Initrd load(List<BootSource> files, LoadedKernel kernel, PhysicalMemory ram)
      throws BootException, IOException {
    long size = 0;
    for (BootSource file : files) {
      size = Math.addExact(align(size), file.size());
    }
    if (size == 0) {
      return NONE;
    }
    long addressMax =
        kernel.header().map(SetupHeader::initrdAddressMax).orElse(DEFAULT_ADDRESS_MAX);
    long top = Math.min(addressMax + 1, ram.layout().lowBytes());
    long address = (top - size) & -RamLayout.PAGE;
    if (address < kernel.end()) {
      throw new BootException(
          "%s of %d MiB does not fit into %d MiB of RAM beside the kernel, which needs the first %d MiB"
              .formatted(
                  files.size() == 1 ? files.getFirst().name() : "an initrd",
                  mebibytes(size),
                  top >> 20,
                  mebibytes(kernel.end())));
    }
    long offset = 0;
    for (BootSource file : files) {
      offset = align(offset);
      file.read(0, ram.slice(address + offset, file.size()));
      offset += file.size();
    }
    return new Initrd(address, size);
  }

  private static long align(long size) {
    return Math.addExact(size, ALIGNMENT - 1) & -ALIGNMENT;
  }

  private static long mebibytes(long bytes) {
    return Math.ceilDiv(bytes, 1L << 20);
  }
}
