package dev.monoceros.machine.virtio;

import dev.monoceros.machine.pci.BarKind;
import dev.monoceros.machine.pci.CapabilityHook;
import dev.monoceros.machine.pci.Msix;
import dev.monoceros.machine.pci.PciFunction;
import dev.monoceros.machine.pci.PciFunctionBuilder;
import dev.monoceros.machine.pci.PciIdentity;
import dev.monoceros.virtio.device.VirtioDevice;
import dev.monoceros.virtio.memory.GuestMemory;
import dev.monoceros.virtio.pci.InterruptSink;
import dev.monoceros.virtio.pci.PciCapability;
import dev.monoceros.virtio.pci.VirtioPciTransport;
import java.nio.ByteBuffer;

/** Puts a virtio device behind a PCI function of the machine. */
final class VirtioFunction {
  private static final int HEADER = 2;
  private static final int MSIX_BAR = 1;

  private VirtioFunction() {}

  /** Builds the function; {@code memory} is what the device reaches by DMA. */
  static PciFunction build(String name, VirtioDevice device, GuestMemory memory) {
    Interrupts interrupts = new Interrupts(device.queueCount() + 1);
    VirtioPciTransport transport = new VirtioPciTransport(device, memory, interrupts);
    var id = transport.identity();
    PciIdentity identity =
        new PciIdentity(
            id.vendorId(),
            id.deviceId(),
            id.revision(),
            id.classCode(),
            id.subsystemVendorId(),
            id.subsystemId());
    PciFunctionBuilder builder =
        PciFunction.builder(name, identity)
            .bar(
                transport.barIndex(),
                BarKind.MEMORY_32,
                transport.barSize(),
                new Registers(transport))
            .msix(MSIX_BAR, device.queueCount() + 1, transport::msixToggled)
            .interruptPin()
            .busMaster(transport::setBusMaster);
    transport.setBusMaster(false); // as the command register says before a driver has written it
    for (PciCapability capability : transport.capabilities()) {
      add(builder, capability);
    }
    PciFunction function = builder.build();
    interrupts.function = function;
    interrupts.msix = function.msix().orElseThrow();
    return function;
  }

  private static void add(PciFunctionBuilder builder, PciCapability capability) {
    byte[] body = new byte[capability.length() - HEADER];
    byte[] writable = new byte[body.length];
    for (int i = 0; i < body.length; i++) {
      body[i] = (byte) capability.read(HEADER + i, 1);
      writable[i] = (byte) 0xff; // what is read-only is restored by the next read
    }
    builder.capability(capability.id(), body, writable, new Forward(capability));
  }

  /** One vector for each queue and one for configuration changes (virtio 1.2, 4.1.5.1.2). */
  private static final class Interrupts implements InterruptSink {
    private final int vectors;
    private PciFunction function;
    private Msix msix;

    Interrupts(int vectors) {
      this.vectors = vectors;
    }

    @Override
    public void intx(boolean asserted) {
      function.intx().set(asserted);
    }

    @Override
    public int msixVectors() {
      return vectors;
    }

    @Override
    public boolean msixEnabled() {
      return msix.enabled();
    }

    @Override
    public void msix(int vector) {
      msix.send(vector);
    }

    @Override
    public void withdraw(int vector) {
      msix.withdraw(vector);
    }
  }

  /** Lets the capability itself answer; bytes 0 and 1 belong to the list. */
  private record Forward(PciCapability capability) implements CapabilityHook {
    @Override
    public void beforeRead(int offset, int size, ByteBuffer registers) {
      long value = capability.read(offset, size);
      for (int i = 0; i < size; i++) {
        int at = offset + i;
        if (at >= HEADER && at < registers.capacity()) {
          registers.put(at, (byte) (value >>> 8 * i));
        }
      }
    }

    @Override
    public void afterWrite(int offset, int size, ByteBuffer registers) {
      long value = 0;
      for (int i = 0; i < size; i++) {
        int at = offset + i;
        if (at >= 0 && at < registers.capacity()) {
          value |= (registers.get(at) & 0xffL) << 8 * i;
        }
      }
      capability.write(offset, size, value);
    }
  }
}
