package dev.monoceros.machine.boot;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * Loads a bzImage by doing its decompressor's work: unpacks the payload into guest RAM and puts the
 * ELF kernel in it in place.
 */
final class BzImage {
  /**
   * Linux links its first segment 2 MiB into the file; unpacked this much below its address it is
   * in place already.
   */
  private static final long USUAL_SEGMENT_OFFSET = 2L << 20;

  /** Nobody's kernel is larger than this packed; a ByteBuffer holds no more than twice that. */
  private static final long MAX_PAYLOAD = 1L << 30;

  private final BootSource file;
  private final SetupHeader header;
  private final PhysicalMemory ram;

  BzImage(BootSource file, SetupHeader header, PhysicalMemory ram) {
    this.file = file;
    this.header = header;
    this.ram = ram;
  }

  LoadedKernel load() throws BootException, IOException {
    requireSane();
    long lowRam = ram.layout().lowBytes();
    long staging = Math.max(header.preferredAddress() - USUAL_SEGMENT_OFFSET, LowMemory.EXTENDED);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment payload = arena.allocate(header.payloadLength());
      file.read(header.payloadPosition(), payload);
      MemorySegment unpacked = unpack(payload, staging);
      BootSource image = BootSource.of("the kernel inside " + file.name(), unpacked);
      if (!ElfKernel.isElf(unpacked)) {
        throw new BootException(
            "%s is %s, not an ELF kernel".formatted(image.name(), FileKind.describe(unpacked)));
      }
      ElfKernel kernel = ElfKernel.parse(image, lowRam);
      new KernelPlacer(ram, kernel).placeStaged(staging, unpacked.byteSize());
      long end = Math.max(kernel.end(), header.preferredAddress() + header.initSize());
      return new LoadedKernel(kernel.entry(), end, Optional.of(header), kernel.pvhEntry());
    }
  }

  private void requireSane() throws BootException {
    if (!header.isRecentEnough()) {
      throw new BootException(
          "%s speaks boot protocol %d.%02d; at least 2.10 (Linux 2.6.31) is needed"
              .formatted(file.name(), header.version() >>> 8, header.version() & 0xff));
    }
    if (!header.isFor64Bit()) {
      throw new BootException(file.name() + " is a bzImage for 32-bit x86, not for x86-64");
    }
    long needed = header.payloadPosition() + header.payloadLength();
    if (file.size() < needed) {
      throw new BootException(
          "%s is a bzImage truncated at %d bytes; it has %d"
              .formatted(file.name(), file.size(), needed));
    }
    if (header.payloadLength() > MAX_PAYLOAD || header.payloadLength() <= Integer.BYTES) {
      throw new BootException(
          "%s is a bzImage with a payload of %d bytes, which cannot be a kernel"
              .formatted(file.name(), header.payloadLength()));
    }
    requireRoom();
  }

  private void requireRoom() throws BootException {
    long lowRam = ram.layout().lowBytes();
    long preferred = header.preferredAddress();
    if (preferred < LowMemory.EXTENDED || preferred > RamLayout.HOLE_BASE) {
      throw new BootException(
          "%s is a bzImage that wants to run at 0x%x, where there is no RAM"
              .formatted(file.name(), preferred));
    }
    if (preferred + header.initSize() > lowRam) {
      throw new BootException(
          "%s needs %d MiB of RAM to start; the machine has %d MiB"
              .formatted(file.name(), mebibytes(preferred + header.initSize()), lowRam >> 20));
    }
  }

  private MemorySegment unpack(MemorySegment payload, long staging) throws BootException {
    Compression compression =
        Compression.of(payload)
            .orElseThrow(
                () ->
                    new BootException(
                        "%s is a bzImage whose payload is %s: LZ4, gzip, xz, zstd, LZMA or bzip2 would do"
                            .formatted(file.name(), FileKind.describe(payload))));
    long size = Compression.unpackedSize(payload);
    long room = ram.layout().lowBytes() - staging;
    if (size > room) {
      throw new BootException(
          "%s unpacks to %d MiB, but the machine has only %d MiB of RAM for it"
              .formatted(file.name(), mebibytes(size), room >> 20));
    }
    MemorySegment target = ram.slice(staging, size);
    try {
      compression.unpack(payload, target);
    } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new BootException(
          "%s has a damaged %s payload: %s"
              .formatted(file.name(), compression.displayName(), e.getMessage()),
          e);
    }
    return target;
  }

  private static long mebibytes(long bytes) {
    return Math.ceilDiv(bytes, 1L << 20);
  }
}
