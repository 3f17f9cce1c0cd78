package dev.monoceros.machine.chipset;

import dev.monoceros.machine.bus.AddressBus;
import dev.monoceros.machine.bus.ByteRegion;
import dev.monoceros.machine.bus.InterruptLine;
import dev.monoceros.machine.time.Event;
import dev.monoceros.machine.time.EventQueue;
import dev.monoceros.machine.time.VirtualClock;
import java.util.Objects;

/**
 * A 16550A serial port (National Semiconductor PC16550D data sheet).
 *
 * <p><b>Sending</b> takes no time: THRE and TEMT always read one, so a polling driver never waits.
 * The THRE <em>interrupt</em> comes {@value #TRANSMIT_INTERRUPT_DELAY} ns of virtual time after a
 * write, however many bytes were written meanwhile: were it immediate, a driver would be kept
 * inside its interrupt handler for as long as it has data.
 *
 * <p><b>Receiving</b> keeps the line's pace (divisor and frame length). A byte is asked from the
 * source only while the guest has its receive interrupt enabled, there is room, and RTS does not
 * hold it back, so nothing is ever lost and when a byte enters depends on the guest alone.
 */
public final class Uart implements ByteRegion {
  static final long TRANSMIT_INTERRUPT_DELAY = 20_000;

  /** How soon a source with nothing to give is asked again, ns of virtual time. */
  static final long SOURCE_POLL_INTERVAL = 1_000_000;

  /**
   * The wait doubles up to here, so that a machine at a prompt sleeps, and nobody who types
   * notices.
   */
  static final long LONGEST_POLL_INTERVAL = 16_000_000;

  /**
   * "At least one character is in the FIFO and the last was received more than 4 continuous
   * character times ago."
   */
  static final int TIMEOUT_CHARACTERS = 4;

  private static final int REGISTERS = 8;

  /** RBR and THR; DLL with DLAB. */
  private static final int DATA = 0;

  /** IER; DLM with DLAB. */
  private static final int INTERRUPT_ENABLE = 1;

  /** IIR when read, FCR when written. */
  private static final int INTERRUPT_IDENT = 2;

  private static final int LINE_CONTROL = 3;
  private static final int MODEM_CONTROL = 4;
  private static final int LINE_STATUS = 5;
  private static final int MODEM_STATUS = 6;
  private static final int SCRATCH = 7;

  private static final int IER_RECEIVED = 0x01;
  private static final int IER_TRANSMIT_EMPTY = 0x02;
  private static final int IER_LINE_STATUS = 0x04;
  private static final int IER_MODEM_STATUS = 0x08;
  private static final int IER_MASK = 0x0f;

  private static final int IIR_NONE = 0x01;
  private static final int IIR_MODEM_STATUS = 0x00;
  private static final int IIR_TRANSMIT_EMPTY = 0x02;
  private static final int IIR_RECEIVED = 0x04;
  private static final int IIR_LINE_STATUS = 0x06;
  private static final int IIR_TIMEOUT = 0x0c;
  private static final int IIR_FIFOS = 0xc0;

  private static final int FCR_ENABLE = 0x01;
  private static final int FCR_CLEAR_RECEIVER = 0x02;
  private static final int FCR_TRIGGER_SHIFT = 6;

  private static final int LCR_LENGTH = 0x03;
  private static final int LCR_TWO_STOP_BITS = 0x04;
  private static final int LCR_PARITY = 0x08;
  private static final int LCR_DIVISOR_ACCESS = 0x80;

  private static final int LSR_DATA_READY = 0x01;
  private static final int LSR_OVERRUN = 0x02;
  private static final int LSR_BREAK = 0x10;
  private static final int LSR_TRANSMITTER_IDLE = 0x60;
  private static final int LSR_ERROR_IN_FIFO = 0x80;

  /** 1.8432 MHz divided by 16. */
  private static final long BASE_BAUD = 115_200;

  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final VirtualClock clock;
  private final EventQueue events;
  private final InterruptLine irq;
  private final ConsoleSink sink;
  private final ConsoleSource source;
  private final Event receive;
  private final Event transmitted;
  private final Event timeout;
  private final UartFifo receiver = new UartFifo();
  private final UartModem modem = new UartModem();

  private long pollInterval = SOURCE_POLL_INTERVAL;
  private int interruptEnable;
  private int lineControl = LCR_LENGTH;
  private int divisor = 1;
  private int scratch;
  private boolean fifos;
  private boolean overrun;
  private boolean transmitEmptyPending;
  private boolean timeoutPending;
  private boolean sourceEnded;

  /** An idle port: 115200 baud, 8 data bits, interrupts off, FIFOs off. */
  public Uart(EventQueue events, InterruptLine irq, ConsoleSink sink, ConsoleSource source) {
    this.clock = events.clock();
    this.events = events;
    this.irq = irq;
    this.sink = Objects.requireNonNull(sink);
    this.source = Objects.requireNonNull(source);
    this.receive = events.create(this::receive);
    this.transmitted = events.create(this::transmitted);
    this.timeout = events.create(this::timeout);
  }

  /** Claims the eight ports from {@code base} on. */
  public void attach(AddressBus ports, int base) {
    ports.register("UART", base, REGISTERS, this);
  }

  @Override
  public int readByte(int offset) {
    return switch (offset) {
      case DATA -> divisorAccess() ? divisor & 0xff : readData();
      case INTERRUPT_ENABLE -> divisorAccess() ? divisor >>> 8 : interruptEnable;
      case INTERRUPT_IDENT -> readInterruptIdent();
      case LINE_CONTROL -> lineControl;
      case MODEM_CONTROL -> modem.control();
      case LINE_STATUS -> readLineStatus();
      case MODEM_STATUS -> {
        int status = modem.readStatus();
        update();
        yield status;
      }
      case SCRATCH -> scratch;
      default -> throw new IllegalArgumentException("offset " + offset);
    };
  }

  @Override
  public void writeByte(int offset, int value) {
    switch (offset) {
      case DATA -> {
        if (divisorAccess()) {
          divisor = (divisor & 0xff00) | value;
        } else {
          writeData(value);
        }
      }
      case INTERRUPT_ENABLE -> {
        if (divisorAccess()) {
          divisor = (divisor & 0xff) | (value << 8);
        } else {
          writeInterruptEnable(value & IER_MASK);
        }
      }
      case INTERRUPT_IDENT -> writeFifoControl(value);
      case LINE_CONTROL -> lineControl = value;
      case MODEM_CONTROL -> modem.writeControl(value);
      case LINE_STATUS, MODEM_STATUS -> {}
      case SCRATCH -> scratch = value;
      default -> throw new IllegalArgumentException("offset " + offset);
    }
    update();
  }

  private int readData() {
    int value = receiver.remove();
    timeoutPending = false;
    armTimeout();
    update();
    return value;
  }

  private int readLineStatus() {
    int status =
        LSR_TRANSMITTER_IDLE
            | (receiver.isEmpty() ? 0 : LSR_DATA_READY)
            | (overrun ? LSR_OVERRUN : 0)
            | (receiver.breakIsNext() ? LSR_BREAK : 0)
            | (fifos && receiver.hasBreak() ? LSR_ERROR_IN_FIFO : 0);
    // "Reset whenever the CPU reads the contents of the line status register."
    overrun = false;
    receiver.acknowledgeBreak();
    update();
    return status;
  }

  private int readInterruptIdent() {
    int cause = cause();
    if (cause == IIR_TRANSMIT_EMPTY) {
      // Table 5: reading IIR, if it is the source, resets this one.
      transmitEmptyPending = false;
      update();
    }
    return cause | (fifos ? IIR_FIFOS : 0);
  }

  private void writeData(int value) {
    transmitEmptyPending = false;
    if (modem.isLoopback()) {
      loopBack(value);
    } else {
      sink.write(value);
    }
    // A driver that polls needs no event: enabling the interrupt later reports the empty register
    // anyway.
    if ((interruptEnable & IER_TRANSMIT_EMPTY) != 0 && !transmitted.isArmed()) {
      events.arm(transmitted, clock.now() + TRANSMIT_INTERRUPT_DELAY);
    }
  }

  private void loopBack(int value) {
    if (receiver.isFull()) {
      overrun = true;
    } else {
      receiver.add(value);
      armTimeout();
    }
  }

  private void writeInterruptEnable(int value) {
    boolean enablesTransmit = (value & ~interruptEnable & IER_TRANSMIT_EMPTY) != 0;
    interruptEnable = value;
    if (enablesTransmit) {
      // The holding register is empty, and enabling the interrupt says so at once.
      transmitEmptyPending = true;
    }
  }

  private void writeFifoControl(int value) {
    fifos = (value & FCR_ENABLE) != 0;
    receiver.configure(fifos, fifos ? value >>> FCR_TRIGGER_SHIFT : 0);
    if ((value & FCR_CLEAR_RECEIVER) != 0) {
      receiver.clear();
    }
    if (receiver.isEmpty()) {
      timeoutPending = false;
      events.cancel(timeout);
    }
  }

  private void transmitted() {
    transmitEmptyPending = true;
    update();
  }

  private void timeout() {
    timeoutPending = true;
    update();
  }

  /** Four characters of silence with something in the FIFO. */
  private void armTimeout() {
    if (fifos && !receiver.isEmpty()) {
      events.arm(timeout, clock.now() + TIMEOUT_CHARACTERS * characterTime());
    } else {
      events.cancel(timeout);
    }
  }

  private void receive() {
    int next = source.next();
    if (next == ConsoleSource.END) {
      sourceEnded = true;
    } else if (next >= 0 || next == ConsoleSource.BREAK) {
      if (next == ConsoleSource.BREAK) {
        receiver.addBreak();
      } else {
        receiver.add(next & 0xff);
      }
      pollInterval = SOURCE_POLL_INTERVAL;
      timeoutPending = false;
      armTimeout();
      update();
    } else {
      events.arm(receive, clock.now() + pollInterval);
      pollInterval = Math.min(2 * pollInterval, LONGEST_POLL_INTERVAL);
    }
  }

  /** Brings the interrupt line and the receiver in step with the registers. */
  private void update() {
    irq.set(cause() != IIR_NONE && modem.drivesInterrupt());
    boolean listening =
        (interruptEnable & IER_RECEIVED) != 0
            && !receiver.isFull()
            && !modem.isLoopback()
            && !modem.holdsBack()
            && !sourceEnded;
    if (!listening) {
      events.cancel(receive);
    } else if (!receive.isArmed()) {
      events.arm(receive, clock.now() + characterTime());
    }
  }

  /** The most urgent enabled interrupt, as IIR codes it (table 5). */
  private int cause() {
    boolean lineStatus = overrun || receiver.breakIsNext();
    if (lineStatus && (interruptEnable & IER_LINE_STATUS) != 0) {
      return IIR_LINE_STATUS;
    }
    if ((interruptEnable & IER_RECEIVED) != 0) {
      if (receiver.hasReachedTrigger()) {
        return IIR_RECEIVED;
      }
      if (timeoutPending) {
        return IIR_TIMEOUT;
      }
    }
    if (transmitEmptyPending && (interruptEnable & IER_TRANSMIT_EMPTY) != 0) {
      return IIR_TRANSMIT_EMPTY;
    }
    return modem.hasChanged() && (interruptEnable & IER_MODEM_STATUS) != 0
        ? IIR_MODEM_STATUS
        : IIR_NONE;
  }

  /**
   * ns of one character on the line: start bit, data, parity, stop bits. A divisor of zero counts
   * as one.
   */
  private long characterTime() {
    int bits =
        1
            + 5
            + (lineControl & LCR_LENGTH)
            + ((lineControl & LCR_PARITY) != 0 ? 1 : 0)
            + ((lineControl & LCR_TWO_STOP_BITS) != 0 ? 2 : 1);
    return Math.max(divisor, 1L) * bits * NANOS_PER_SECOND / BASE_BAUD;
  }

  private boolean divisorAccess() {
    return (lineControl & LCR_DIVISOR_ACCESS) != 0;
  }
}
