package dev.monoceros.machine.chipset;

/**
 * The modem lines of the serial port: MCR and MSR. Outside there is a null modem whose far end is
 * always ready: CTS, DSR and DCD are on. It sends while RTS is on, once it has seen that the guest
 * uses RTS at all.
 */
final class UartModem {
  private static final int MCR_MASK = 0x1f;
  private static final int MCR_DTR = 0x01;
  private static final int MCR_RTS = 0x02;
  private static final int MCR_OUT1 = 0x04;
  private static final int MCR_OUT2 = 0x08;
  private static final int MCR_LOOPBACK = 0x10;

  private static final int MSR_CTS = 0x10;
  private static final int MSR_DSR = 0x20;
  private static final int MSR_RING = 0x40;
  private static final int MSR_DCD = 0x80;
  private static final int MSR_DELTA_SHIFT = 4;
  private static final int MSR_FAR_END_READY = MSR_CTS | MSR_DSR | MSR_DCD;

  private int control;
  private int deltas;
  private boolean handshake;

  int control() {
    return control;
  }

  void writeControl(int value) {
    int before = lines();
    control = value & MCR_MASK;
    handshake |= (control & MCR_RTS) != 0;
    int changed = before ^ lines();
    // TERI notes only the trailing edge of the ring indicator, the other three any change.
    int noted = (changed & ~MSR_RING) | (changed & before & MSR_RING);
    deltas |= noted >>> MSR_DELTA_SHIFT;
  }

  /** "Reading the modem status register clears bits 0 to 3." */
  int readStatus() {
    int status = lines() | deltas;
    deltas = 0;
    return status;
  }

  boolean hasChanged() {
    return deltas != 0;
  }

  /** Whether the guest has told the far end to wait (request to send, off). */
  boolean holdsBack() {
    return handshake && (control & MCR_RTS) == 0;
  }

  boolean isLoopback() {
    return (control & MCR_LOOPBACK) != 0;
  }

  /**
   * On a PC the interrupt reaches the bus through OUT2, which loopback forces off like every modem
   * output.
   */
  boolean drivesInterrupt() {
    return (control & (MCR_OUT2 | MCR_LOOPBACK)) == MCR_OUT2;
  }

  /** The upper half of MSR; in loopback the modem outputs come back as inputs. */
  private int lines() {
    if (!isLoopback()) {
      return MSR_FAR_END_READY;
    }
    return ((control & MCR_RTS) != 0 ? MSR_CTS : 0)
        | ((control & MCR_DTR) != 0 ? MSR_DSR : 0)
        | ((control & MCR_OUT1) != 0 ? MSR_RING : 0)
        | ((control & MCR_OUT2) != 0 ? MSR_DCD : 0);
  }
}
