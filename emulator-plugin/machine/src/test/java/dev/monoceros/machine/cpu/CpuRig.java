package dev.monoceros.machine.cpu;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import dev.monoceros.machine.bus.AddressBus;
import dev.monoceros.machine.bus.InterruptController;
import dev.monoceros.machine.time.EventQueue;
import dev.monoceros.unicorn.CpuState;
import dev.monoceros.unicorn.UnicornLibrary;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * A CPU with 16 MiB of RAM, identity page tables, a GDT with kernel and user segments, a TSS and an
 * IDT whose 256 handlers note their vector and halt. Tests put machine code in and look at what
 * came of it.
 *
 * <p>Pages from {@link #USER} to 1 MiB belong to user mode; everything else to the kernel.
 */
final class CpuRig implements AutoCloseable {
  static final long PML4 = 0x1000;
  static final long PDPT = 0x2000;
  static final long PD = 0x3000;
  static final long PT = 0x4000;
  static final long MARK = 0x7000;
  static final long GDT = 0x8000;
  static final long IDT = 0x9000;
  static final long HANDLERS = 0xa000;
  static final long TSS = 0xc000;
  static final long CODE = 0x10000;
  static final long KERNEL_STACK = 0x20000;
  static final long RSP0 = 0x24000;
  static final long IST1 = 0x28000;
  static final long USER = 0x40000;
  static final long USER_STACK = 0x60000;

  static final int KERNEL_CS = 0x08;
  static final int KERNEL_DS = 0x10;
  static final int USER_DS = 0x1b;
  static final int USER_CS = 0x23;
  static final int TASK = 0x28;
  static final int COMPAT_CS = 0x33;

  static final int NO_VECTOR = -1;

  static final long PAGE_PRESENT = 1;
  static final long PAGE_WRITE = 2;
  static final long PAGE_USER = 4;
  static final long PAGE_LARGE = 1 << 7;
  static final long PAGE_NX = 1L << 63;

  private static final int RAM = 16 << 20;
  private static final int HANDLER_SIZE = 16;
  private static final int NOTHING = 0xff;

  final PhysicalRam ram = new PhysicalRam(RAM);
  final Cpu cpu;
  final EventQueue events;
  final Pin pin = new Pin();
  final AddressBus memory = new AddressBus("memory", 1L << 32);
  final AddressBus ports = new AddressBus("ports", 1 << 16);

  /** An interrupt pin with one vector. */
  static final class Pin implements InterruptController {
    private int vector = NO_VECTOR;
    private Runnable listener = () -> {};

    void raise(int raised) {
      vector = raised;
      listener.run();
    }

    @Override
    public boolean pending() {
      return vector != NO_VECTOR;
    }

    @Override
    public int acknowledge() {
      int taken = vector;
      vector = NO_VECTOR;
      return taken;
    }

    @Override
    public void onChange(Runnable newListener) {
      listener = newListener;
    }
  }

  CpuRig(UnicornLibrary library) {
    this(library, Optional.empty());
  }

  CpuRig(UnicornLibrary library, Optional<LongSupplier> randomNumbers) {
    cpu = new Cpu(library, ram, randomNumbers);
    events = new EventQueue(cpu);
    cpu.connect(events, pin, memory, ports);
    buildPageTables();
    buildDescriptors();
    cpu.start(new StartState(CODE, 0, KERNEL_STACK, PML4, GDT, 0x37, KERNEL_CS, KERNEL_DS));
    cpu.state().segment(CpuState.IDTR, 0, IDT, 256 * 16 - 1, 0);
    cpu.state().segment(CpuState.TR, TASK, TSS, 0x67, 0x8b00);
  }

  private void buildPageTables() {
    long all = PAGE_PRESENT | PAGE_WRITE | PAGE_USER;
    put(PML4, PDPT | all);
    put(PDPT, PD | all);
    put(PD, PT | all);
    put(PDPT + 8 * 3, 0xc000_0000L | PAGE_PRESENT | PAGE_WRITE | PAGE_LARGE);
    for (long i = 1; i < RAM >> 21; i++) {
      put(PD + 8 * i, i << 21 | PAGE_PRESENT | PAGE_WRITE | PAGE_LARGE);
    }
    for (long page = 0; page < 512; page++) {
      boolean user = page << 12 >= USER && page << 12 < 1 << 20;
      map(page << 12, page << 12, PAGE_PRESENT | PAGE_WRITE | (user ? PAGE_USER : 0));
    }
  }

  private void buildDescriptors() {
    put(GDT + 0x08, 0x00af_9b00_0000_ffffL);
    put(GDT + 0x10, 0x00cf_9300_0000_ffffL);
    put(GDT + 0x18, 0x00cf_f300_0000_ffffL);
    put(GDT + 0x20, 0x00af_fb00_0000_ffffL);
    put(GDT + 0x28, 0x0000_8900_0000_0067L | TSS << 16);
    put(GDT + 0x30, 0x00cf_fb00_0000_ffffL); // 32-bit code, DPL 3
    put(TSS + 4, RSP0);
    put(TSS + 0x24, IST1);
    put(TSS + 0x60, 0x68L << 48); // I/O map base: beyond the limit, so no map
    for (int vector = 0; vector < 256; vector++) {
      gate(vector, handler(vector), 0xe, 0, 0);
      // mov byte [MARK], vector; hlt
      code(handler(vector), "c6 04 25 00 70 00 00 %02x f4".formatted(vector));
    }
    ram.putByte(MARK, NOTHING);
  }

  static long handler(int vector) {
    return HANDLERS + (long) HANDLER_SIZE * vector;
  }

  /** Sets a gate: type 0xe interrupt or 0xf trap. */
  void gate(int vector, long target, int type, int privilege, int ist) {
    long low =
        target & 0xffff
            | (long) KERNEL_CS << 16
            | (long) ist << 32
            | (long) (0x80 | privilege << 5 | type) << 40
            | (target & 0xffff_0000L) << 32;
    put(IDT + 16L * vector, low);
    put(IDT + 16L * vector + 8, target >>> 32);
  }

  /** Maps one 4 KiB page of the first 2 MiB. */
  void map(long page, long physical, long rights) {
    put(PT + 8 * (page >>> 12), physical | rights);
  }

  long pte(long page) {
    return get(PT + 8 * (page >>> 12));
  }

  void put(long address, long value) {
    ram.segment().set(JAVA_LONG_UNALIGNED, address, value);
  }

  long get(long address) {
    return ram.segment().get(JAVA_LONG_UNALIGNED, address);
  }

  /** Puts machine code somewhere; returns the address after it. */
  long code(long address, String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
    java.lang.foreign.MemorySegment.copy(bytes, 0, ram.segment(), JAVA_BYTE, address, bytes.length);
    cpu.memoryWritten(address, bytes.length);
    return address + bytes.length;
  }

  /** Runs kernel code at {@link #CODE}. */
  CpuExit run(String hex) {
    code(CODE, hex);
    cpu.state().rip(CODE);
    return cpu.run();
  }

  /** Runs 64-bit code in user mode at {@link #USER}, entered by IRETQ. */
  CpuExit runUser(String hex) {
    return runUser(USER_CS, hex);
  }

  /** Runs 32-bit code in user mode at {@link #USER}, entered by IRETQ. */
  CpuExit runCompat(String hex) {
    return runUser(COMPAT_CS, hex);
  }

  private CpuExit runUser(int codeSelector, String hex) {
    code(USER, hex);
    put(KERNEL_STACK - 40, USER);
    put(KERNEL_STACK - 32, codeSelector);
    put(KERNEL_STACK - 24, 0x202);
    put(KERNEL_STACK - 16, USER_STACK);
    put(KERNEL_STACK - 8, USER_DS);
    cpu.state().general(CpuState.RSP, KERNEL_STACK - 40);
    return run("48 cf"); // iretq
  }

  /** The vector whose handler ran, or {@link #NO_VECTOR}. */
  int vector() {
    int seen = ram.getByte(MARK);
    return seen == NOTHING ? NO_VECTOR : seen;
  }

  long general(int number) {
    return cpu.state().general(number);
  }

  /** A quadword of the frame the handler found, counted from its stack pointer. */
  long frame(int index) {
    return get(general(CpuState.RSP) + 8L * index);
  }

  @Override
  public void close() {
    cpu.close();
    ram.close();
  }
}
