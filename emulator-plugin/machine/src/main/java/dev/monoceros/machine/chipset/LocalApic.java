package dev.monoceros.machine.chipset;

import dev.monoceros.machine.bus.AddressBus;
import dev.monoceros.machine.bus.InterruptController;
import dev.monoceros.machine.bus.InterruptMessage;
import dev.monoceros.machine.bus.InterruptMessage.DeliveryMode;
import dev.monoceros.machine.bus.InterruptMessages;
import dev.monoceros.machine.bus.IoRegion;
import dev.monoceros.machine.time.EventQueue;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntConsumer;

/**
 * The local APIC of the one CPU, in xAPIC mode: registers in memory (SDM volume 3, chapter 11). It
 * is what the CPU looks at for interrupts; the 8259s come in at LINT0, which starts as firmware
 * leaves it: ExtINT, not masked (virtual wire mode), so that software that knows no APIC needs
 * none.
 *
 * <p>Not there: x2APIC, TSC-deadline (both are reached by MSR writes), CMCI, extended destinations.
 * SMI, INIT and start-up messages to the only CPU are dropped.
 */
public final class LocalApic implements InterruptController, InterruptMessages {
  /** Physical address of the registers. */
  public static final long BASE = 0xfee0_0000L;

  private static final int LENGTH = 0x1000;
  private static final int REGISTER_ALIGNMENT = 16;

  private static final int ID = 0x020;
  private static final int VERSION = 0x030;
  private static final int TASK_PRIORITY = 0x080;
  private static final int ARBITRATION_PRIORITY = 0x090;
  private static final int PROCESSOR_PRIORITY = 0x0a0;
  private static final int END_OF_INTERRUPT = 0x0b0;
  private static final int LOGICAL_DESTINATION = 0x0d0;
  private static final int DESTINATION_FORMAT = 0x0e0;
  private static final int SPURIOUS = 0x0f0;
  private static final int IN_SERVICE = 0x100;
  private static final int TRIGGER_MODE = 0x180;
  private static final int REQUEST = 0x200;
  private static final int ERROR_STATUS = 0x280;
  private static final int COMMAND_LOW = 0x300;
  private static final int COMMAND_HIGH = 0x310;
  private static final int INITIAL_COUNT = 0x380;
  private static final int CURRENT_COUNT = 0x390;
  private static final int DIVIDE_CONFIGURATION = 0x3e0;

  /** Six local vectors, an integrated APIC. */
  private static final int VERSION_VALUE = 0x0005_0014;

  private static final int SPURIOUS_ENABLED = 1 << 8;
  private static final int SPURIOUS_BITS = 0x3ff;
  private static final int FLAT_FORMAT = 0xffff_ffff;
  private static final int FORMAT_RESERVED = 0x0fff_ffff;
  private static final int COMMAND_BITS = 0xc_cfff;
  private static final int COMMAND_LOGICAL = 1 << 11;
  private static final int COMMAND_SHORTHAND_SHIFT = 18;
  private static final int DESTINATION_SHIFT = 24;
  private static final int DESTINATION_ALL = 0xff;
  private static final int FIRST_LEGAL_VECTOR = 16;
  private static final int ERROR_SEND_ILLEGAL_VECTOR = 1 << 5;
  private static final int ERROR_RECEIVE_ILLEGAL_VECTOR = 1 << 6;
  private static final int ERROR_ILLEGAL_REGISTER = 1 << 7;
  private static final int EXTERNAL_MODE = DeliveryMode.EXTERNAL.ordinal();

  private final InterruptController pic;
  private final LocalApicTimer timer;
  private final VectorSet inService = new VectorSet();
  private final VectorSet triggerMode = new VectorSet();
  private final VectorSet request = new VectorSet();
  private final Map<LocalVector, Integer> localVectors = new EnumMap<>(LocalVector.class);
  private Runnable listener = () -> {};
  private IntConsumer endOfLevel = vector -> {};
  private Runnable nonMaskable = () -> {};
  private int id;
  private int taskPriority;
  private int logicalDestination;
  private int destinationFormat = FLAT_FORMAT;
  private int spurious = SPURIOUS_BITS & 0xff;
  private int errors;
  private int errorStatus;
  private int commandLow;
  private int commandHigh;

  /** What the CPU's INTR pin shows: kept, because it is asked for at every block. */
  private boolean pending;

  /**
   * A local APIC as firmware leaves it.
   *
   * @param pic the controllers whose INTR is wired to LINT0
   */
  public LocalApic(EventQueue events, InterruptController pic) {
    this.pic = Objects.requireNonNull(pic);
    timer = new LocalApicTimer(events, () -> raise(LocalVector.TIMER));
    for (LocalVector entry : LocalVector.values()) {
      localVectors.put(entry, LocalVector.MASKED);
    }
    localVectors.put(LocalVector.LINT0, EXTERNAL_MODE << LocalVector.MODE_SHIFT);
    localVectors.put(LocalVector.LINT1, DeliveryMode.NMI.ordinal() << LocalVector.MODE_SHIFT);
    pic.onChange(this::refresh);
  }

  /** Claims the page of registers. */
  public void attach(AddressBus mmio) {
    mmio.register("local APIC", BASE, LENGTH, new Registers());
  }

  /** Sets who is told of the end of each level-triggered interrupt: the I/O APIC. */
  public void onEndOfLevel(IntConsumer ended) {
    endOfLevel = Objects.requireNonNull(ended);
  }

  /** Sets who is told of a non-maskable interrupt: the CPU. */
  public void onNonMaskable(Runnable arrived) {
    nonMaskable = Objects.requireNonNull(arrived);
  }

  /** A pulse on LINT1, where PCs have the board's NMI. */
  public void pulseLint1() {
    raise(LocalVector.LINT1);
  }

  @Override
  public boolean pending() {
    return pending;
  }

  @Override
  public void onChange(Runnable changed) {
    listener = Objects.requireNonNull(changed);
  }

  /** Section 11.8.3.1: the highest request goes into service, unless its priority is too low. */
  @Override
  public int acknowledge() {
    int vector = mostUrgent();
    if (vector != VectorSet.NONE) {
      request.remove(vector);
      inService.add(vector);
      refresh();
      return vector;
    }
    if (externalPending()) {
      int taken = pic.acknowledge();
      refresh();
      return taken;
    }
    // Section 11.9: the request has gone meanwhile.
    return spurious & LocalVector.VECTOR;
  }

  @Override
  public void send(InterruptMessage message) {
    if (accepts(message.logical(), message.destination())) {
      accept(message.mode(), message.vector(), message.level());
    }
  }

  private void accept(DeliveryMode mode, int vector, boolean level) {
    switch (mode) {
      case FIXED, LOWEST_PRIORITY -> requestVector(vector, level);
      case NMI -> nonMaskable.run();
      case SMI, RESERVED, INIT, START_UP, EXTERNAL -> {
        // There is no system management mode, no second CPU to start, and ExtINT is a wire here.
      }
    }
  }

  private void requestVector(int vector, boolean level) {
    if (!enabled()) {
      return;
    }
    if (vector < FIRST_LEGAL_VECTOR) {
      error(ERROR_RECEIVE_ILLEGAL_VECTOR);
      return;
    }
    request.add(vector);
    if (level) {
      triggerMode.add(vector);
    } else {
      triggerMode.remove(vector);
    }
    refresh();
  }

  /** Section 11.6.2. */
  private boolean accepts(boolean logical, int destination) {
    if (!logical) {
      return destination == DESTINATION_ALL || destination == id;
    }
    int own = logicalDestination;
    if (destinationFormat == FLAT_FORMAT) {
      return (own & destination) != 0;
    }
    boolean sameCluster = (own ^ destination) >>> 4 == 0 || destination >>> 4 == 0xf;
    return sameCluster && (own & destination & 0xf) != 0;
  }

  private boolean enabled() {
    return (spurious & SPURIOUS_ENABLED) != 0;
  }

  private boolean externalPending() {
    int entry = localVectors.get(LocalVector.LINT0);
    boolean external = (entry >>> LocalVector.MODE_SHIFT & 7) == EXTERNAL_MODE;
    return external && (entry & LocalVector.MASKED) == 0 && pic.pending();
  }

  /** Section 11.8.3.1: the higher of the task's and the interrupt in service. */
  private int processorPriority() {
    int highest = Math.max(inService.highest(), 0) & 0xf0;
    return (taskPriority & 0xf0) >= highest ? taskPriority : highest;
  }

  private int mostUrgent() {
    int vector = request.highest();
    return vector != VectorSet.NONE && (vector & 0xf0) > (processorPriority() & 0xf0)
        ? vector
        : VectorSet.NONE;
  }

  private void refresh() {
    boolean before = pending;
    pending = mostUrgent() != VectorSet.NONE || externalPending();
    if (pending && !before) {
      listener.run();
    }
  }

  private void raise(LocalVector source) {
    int entry = localVectors.get(source);
    if ((entry & LocalVector.MASKED) == 0) {
      boolean hasMode = source != LocalVector.TIMER && source != LocalVector.ERROR;
      DeliveryMode mode =
          hasMode ? DeliveryMode.of(entry >>> LocalVector.MODE_SHIFT) : DeliveryMode.FIXED;
      accept(mode, entry & LocalVector.VECTOR, false);
    }
  }

  private void error(int bit) {
    boolean news = (errors & bit) == 0;
    errors |= bit;
    if (news && (localVectors.get(LocalVector.ERROR) & LocalVector.VECTOR) >= FIRST_LEGAL_VECTOR) {
      raise(LocalVector.ERROR);
    }
  }

  private void endInterrupt() {
    int vector = inService.highest();
    if (vector == VectorSet.NONE) {
      return;
    }
    inService.remove(vector);
    if (triggerMode.contains(vector)) {
      endOfLevel.accept(vector);
    }
    refresh();
  }

  private int read(int register) {
    LocalVector entry = LocalVector.at(register);
    if (entry != null) {
      return localVectors.get(entry);
    }
    if (register >= IN_SERVICE && register < ERROR_STATUS) {
      int index = (register & 0x70) >>> 4;
      return switch (register & 0x380) {
        case IN_SERVICE -> inService.register(index);
        case TRIGGER_MODE -> triggerMode.register(index);
        default -> request.register(index);
      };
    }
    return switch (register) {
      case ID -> id << DESTINATION_SHIFT;
      case VERSION -> VERSION_VALUE;
      case TASK_PRIORITY -> taskPriority;
      case ARBITRATION_PRIORITY, PROCESSOR_PRIORITY -> processorPriority();
      case LOGICAL_DESTINATION -> logicalDestination << DESTINATION_SHIFT;
      case DESTINATION_FORMAT -> destinationFormat;
      case SPURIOUS -> spurious;
      case ERROR_STATUS -> errorStatus;
      case COMMAND_LOW -> commandLow;
      case COMMAND_HIGH -> commandHigh;
      case INITIAL_COUNT -> (int) timer.initialCount();
      case CURRENT_COUNT -> (int) timer.currentCount();
      case DIVIDE_CONFIGURATION -> timer.divideConfiguration();
      case END_OF_INTERRUPT -> 0;
      default -> {
        error(ERROR_ILLEGAL_REGISTER);
        yield 0;
      }
    };
  }

  private void write(int register, int value) {
    LocalVector entry = LocalVector.at(register);
    if (entry != null) {
      writeLocalVector(entry, value);
      return;
    }
    switch (register) {
      case ID -> id = value >>> DESTINATION_SHIFT;
      case TASK_PRIORITY -> {
        taskPriority = value & 0xff;
        refresh();
      }
      case END_OF_INTERRUPT -> endInterrupt();
      case LOGICAL_DESTINATION -> logicalDestination = value >>> DESTINATION_SHIFT;
      case DESTINATION_FORMAT -> destinationFormat = value | FORMAT_RESERVED;
      case SPURIOUS -> writeSpurious(value);
      case ERROR_STATUS -> {
        // Section 11.5.3: a write shows what has been gathered, and begins anew.
        errorStatus = errors;
        errors = 0;
      }
      case COMMAND_LOW -> sendCommand(value);
      case COMMAND_HIGH -> commandHigh = value & 0xff << DESTINATION_SHIFT;
      case INITIAL_COUNT -> timer.initialCount(Integer.toUnsignedLong(value));
      case DIVIDE_CONFIGURATION -> timer.divideConfiguration(value);
      case VERSION, ARBITRATION_PRIORITY, PROCESSOR_PRIORITY, CURRENT_COUNT -> {}
      default -> {
        boolean readOnly = register >= IN_SERVICE && register < ERROR_STATUS;
        if (!readOnly) {
          error(ERROR_ILLEGAL_REGISTER);
        }
      }
    }
  }

  private void writeLocalVector(LocalVector entry, int value) {
    // Section 11.4.7.2: while the APIC is off by software, all mask bits stay set.
    int kept = value & entry.writable | (enabled() ? 0 : LocalVector.MASKED);
    localVectors.put(entry, kept);
    if (entry == LocalVector.TIMER) {
      timer.program((kept & LocalVector.PERIODIC) != 0, (kept & LocalVector.MASKED) != 0);
    }
    refresh();
  }

  private void writeSpurious(int value) {
    spurious = value & SPURIOUS_BITS;
    if (!enabled()) {
      for (LocalVector entry : LocalVector.values()) {
        writeLocalVector(entry, localVectors.get(entry));
      }
    }
    refresh();
  }

  /** Section 11.6.1; delivery takes no time, so the status bit reads 0. */
  private void sendCommand(int value) {
    commandLow = value & COMMAND_BITS;
    DeliveryMode mode = DeliveryMode.of(value >>> LocalVector.MODE_SHIFT);
    int vector = value & LocalVector.VECTOR;
    boolean toSelf =
        switch (value >>> COMMAND_SHORTHAND_SHIFT & 3) {
          case 0 -> accepts((value & COMMAND_LOGICAL) != 0, commandHigh >>> DESTINATION_SHIFT);
          case 1, 2 -> true;
          default -> false;
        };
    if (vector < FIRST_LEGAL_VECTOR && mode == DeliveryMode.FIXED) {
      error(ERROR_SEND_ILLEGAL_VECTOR);
    } else if (toSelf) {
      accept(mode, vector, false);
    }
  }

  /** Section 11.4.1: 32-bit registers, each at a multiple of 16 bytes. */
  private final class Registers implements IoRegion {
    @Override
    public long read(long offset, int size) {
      int within = (int) offset % REGISTER_ALIGNMENT;
      if (within >= Integer.BYTES) {
        return 0;
      }
      long value = Integer.toUnsignedLong(LocalApic.this.read((int) offset - within));
      return value >>> (within * Byte.SIZE);
    }

    @Override
    public void write(long offset, int size, long value) {
      // Other widths and places are undefined, and do nothing here.
      if (offset % REGISTER_ALIGNMENT == 0 && size >= Integer.BYTES) {
        LocalApic.this.write((int) offset, (int) value);
      }
    }
  }
}
