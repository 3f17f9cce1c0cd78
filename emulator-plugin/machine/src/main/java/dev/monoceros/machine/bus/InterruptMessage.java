package dev.monoceros.machine.bus;

/**
 * One message on the interrupt bus: what an I/O APIC, an MSI or an inter-processor interrupt sends
 * to local APICs (SDM volume 3, sections 11.6 and 11.11).
 *
 * @param vector 0 to 255
 * @param mode how it is to be delivered
 * @param level level triggered: the receiver's EOI is told to the I/O APIC
 * @param logical whether {@code destination} is logical
 * @param destination a local APIC ID, or a set of logical ones; 8 bits
 */
public record InterruptMessage(
    int vector, DeliveryMode mode, boolean level, boolean logical, int destination) {
  private static final int VECTOR_MASK = 0xff;
  private static final int MODE_SHIFT = 8;
  private static final int MODE_MASK = 0x7;
  private static final int DATA_LEVEL_TRIGGERED = 1 << 15;
  private static final int ADDRESS_LOGICAL = 1 << 2;
  private static final int ADDRESS_DESTINATION_SHIFT = 12;
  private static final int DESTINATION_MASK = 0xff;
  private static final long MESSAGE_ADDRESS = 0xfee0_0000L;
  private static final long MESSAGE_ADDRESS_MASK = ~0xf_ffffL;

  /** The delivery modes, in the order of their three-bit codes. */
  public enum DeliveryMode {
    FIXED,
    LOWEST_PRIORITY,
    SMI,
    RESERVED,
    NMI,
    INIT,
    START_UP,
    EXTERNAL;

    private static final DeliveryMode[] VALUES = values();

    /** The mode of a three-bit code. */
    public static DeliveryMode of(int code) {
      return VALUES[code & MODE_MASK];
    }
  }

  /** Whether a write to this address by a device is an interrupt message (section 11.11.1). */
  public static boolean isMessageAddress(long address) {
    return (address & MESSAGE_ADDRESS_MASK) == MESSAGE_ADDRESS;
  }

  /**
   * The message that a device sends by writing {@code data} to {@code address} (sections 11.11.1
   * and 11.11.2).
   */
  public static InterruptMessage ofMsi(long address, int data) {
    return new InterruptMessage(
        data & VECTOR_MASK,
        DeliveryMode.of(data >>> MODE_SHIFT),
        (data & DATA_LEVEL_TRIGGERED) != 0,
        (address & ADDRESS_LOGICAL) != 0,
        (int) (address >>> ADDRESS_DESTINATION_SHIFT) & DESTINATION_MASK);
  }
}
