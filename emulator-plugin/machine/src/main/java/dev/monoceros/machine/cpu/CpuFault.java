package dev.monoceros.machine.cpu;

/**
 * An exception of the guest, raised while Java acts for the CPU. Carries no stack trace: guests
 * raise them by the thousand.
 */
final class CpuFault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int vector;
  private final int errorCode;
  private final long address;

  private CpuFault(int vector, int errorCode, long address) {
    super(null, null, false, false);
    this.vector = vector;
    this.errorCode = errorCode;
    this.address = address;
  }

  static CpuFault of(int vector, int errorCode) {
    return new CpuFault(vector, errorCode, 0);
  }

  static CpuFault pageFault(int errorCode, long address) {
    return new CpuFault(Vectors.PF, errorCode, address);
  }

  int vector() {
    return vector;
  }

  int errorCode() {
    return errorCode;
  }

  /** The linear address, for page faults. */
  long address() {
    return address;
  }

  @Override
  public String getMessage() {
    return "exception " + vector + ", error code " + errorCode;
  }
}
