package dev.monoceros.machine.boot;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Puts a Linux kernel, its initrd and what it must be told into RAM, and says where the CPU starts.
 */
public final class LinuxBoot {
  /** Enough for every setup header and for the version line behind it. */
  private static final int HEAD = 64 << 10;

  private static final int SETUP_RNG_SEED = 9;
  private static final int SETUP_DATA_TYPE = 8;
  private static final int SETUP_DATA_LENGTH = 12;
  private static final int SETUP_DATA_HEADER = 16;

  /** COMMAND_LINE_SIZE of x86 less the final zero, for kernels that do not say. */
  private static final long DEFAULT_COMMAND_LINE_SIZE = 2047;

  private LinuxBoot() {}

  /**
   * Loads everything.
   *
   * @param ram RAM that nothing has been written to but firmware tables from 0xe0000 to 0xfffff
   * @throws BootException if the kernel is none, or does not fit, or cannot be read: one sentence
   *     says which
   */
  public static BootState load(PhysicalMemory ram, LinuxBootConfig config) throws BootException {
    LoadedKernel kernel = loadKernel(ram, config.kernel());
    Initrd initrd = loadInitrd(ram, config, kernel);
    BootParams params = BootParams.begin(ram, kernel.header());
    params.memoryMap(MemoryMap.of(ram.layout()));
    params.commandLine(writeCommandLine(ram, config.commandLine(), kernel));
    params.initrd(initrd.address(), initrd.size());
    params.rsdp(config.rsdpAddress());
    params.setupData(writeRngSeed(ram, config.rngSeed()));
    LongMode.writeGdt(ram);
    LongMode.writePageTables(ram);
    return new BootState(
        kernel.entry(),
        LowMemory.BOOT_PARAMS,
        LowMemory.STACK_TOP,
        LongMode.RFLAGS,
        LongMode.CR0,
        LowMemory.PAGE_TABLES,
        LongMode.CR4,
        LongMode.EFER,
        LowMemory.GDT,
        LongMode.GDT_LIMIT,
        LongMode.CODE_SELECTOR,
        LongMode.DATA_SELECTOR,
        kernel.header().map(SetupHeader::kernelVersion).orElse(""),
        kernel.end(),
        initrd.address(),
        initrd.size());
  }

  static LoadedKernel loadKernel(PhysicalMemory ram, BootSource file) throws BootException {
    try {
      MemorySegment head = MemorySegment.ofArray(new byte[(int) Math.min(HEAD, file.size())]);
      file.read(0, head);
      if (SetupHeader.isPresent(head)) {
        return new BzImage(file, new SetupHeader(head), ram).load();
      }
      if (ElfKernel.isElf(head)) {
        ElfKernel kernel = ElfKernel.parse(file, ram.layout().lowBytes());
        new KernelPlacer(ram, kernel).placeFrom(file);
        return new LoadedKernel(kernel.entry(), kernel.end(), Optional.empty(), kernel.pvhEntry());
      }
      throw new BootException(
          "%s is %s, not a kernel".formatted(file.name(), FileKind.describe(head)));
    } catch (IOException e) {
      throw unreadable(file.name(), e);
    }
  }

  static Initrd loadInitrd(PhysicalMemory ram, LinuxBootConfig config, LoadedKernel kernel)
      throws BootException {
    try {
      return Initrd.load(config.initrds(), kernel, ram);
    } catch (IOException e) {
      throw unreadable(config.initrds().getFirst().name(), e);
    }
  }

  static long writeCommandLine(PhysicalMemory ram, String commandLine, LoadedKernel kernel)
      throws BootException {
    byte[] bytes = commandLine.getBytes(StandardCharsets.UTF_8);
    long declared =
        kernel.header().map(SetupHeader::commandLineSize).orElse(DEFAULT_COMMAND_LINE_SIZE);
    long limit = Math.min(declared, LowMemory.COMMAND_LINE_LIMIT - 1);
    if (bytes.length > limit) {
      throw new BootException(
          "the command line has %d bytes, but this kernel takes at most %d"
              .formatted(bytes.length, limit));
    }
    if (commandLine.indexOf('\0') >= 0) {
      throw new BootException("the command line contains a zero byte");
    }
    MemorySegment target = ram.slice(LowMemory.COMMAND_LINE, bytes.length + 1L);
    target.fill((byte) 0).asSlice(0, bytes.length).copyFrom(MemorySegment.ofArray(bytes));
    return LowMemory.COMMAND_LINE;
  }

  /** A setup_data node (boot.rst, "setup_data"): next, type, length, bytes. */
  private static long writeRngSeed(PhysicalMemory ram, MemorySegment seed) {
    if (seed.byteSize() == 0) {
      return 0;
    }
    if (seed.byteSize() > LowMemory.SETUP_DATA_LIMIT - SETUP_DATA_HEADER) {
      throw new IllegalArgumentException("a seed of " + seed.byteSize() + " bytes");
    }
    MemorySegment node = ram.slice(LowMemory.SETUP_DATA, SETUP_DATA_HEADER + seed.byteSize());
    LittleEndian.put64(node, 0, 0);
    LittleEndian.put32(node, SETUP_DATA_TYPE, SETUP_RNG_SEED);
    LittleEndian.put32(node, SETUP_DATA_LENGTH, seed.byteSize());
    node.asSlice(SETUP_DATA_HEADER).copyFrom(seed);
    return LowMemory.SETUP_DATA;
  }

  private static BootException unreadable(String name, IOException e) {
    return new BootException("%s cannot be read: %s".formatted(name, e.getMessage()), e);
  }
}
