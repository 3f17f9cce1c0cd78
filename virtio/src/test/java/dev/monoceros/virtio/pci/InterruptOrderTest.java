package dev.monoceros.virtio.pci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.blk.BlkOptions;
import dev.monoceros.virtio.blk.LatencyModel;
import dev.monoceros.virtio.blk.VirtioBlock;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.ByteGuestMemory;
import dev.monoceros.virtio.testing.DriverRing;
import dev.monoceros.virtio.testing.FakeDriver;
import dev.monoceros.virtio.testing.ManualClock;
import dev.monoceros.virtio.testing.MemoryBackend;
import dev.monoceros.virtio.testing.Must;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a driver finds that looks at the very moment of the interrupt (4.1.4.5.1, 4.1.5.3.1). */
class InterruptOrderTest {
  private static final int ISR = 0x1000;
  private static final int QUEUE = 1;
  private static final int CONFIG = 2;

  private final ManualClock clock = new ManualClock();
  private final ByteGuestMemory memory = new ByteGuestMemory(1 << 18);
  private final VirtioBlock block =
      new VirtioBlock(new MemoryBackend(8), BlkOptions.DEFAULT, LatencyModel.DEFAULT, clock);
  private final Sink sink = new Sink();
  private final VirtioPciTransport transport = new VirtioPciTransport(block, memory, sink);
  private final FakeDriver driver = new FakeDriver(transport, memory);

  private void completeOne() {
    DriverRing ring = driver.start(driver.offered(), 16);
    if (sink.msix) {
      driver.writeCommon(FakeDriver.MSIX_CONFIG, 2, 0);
      driver.writeCommon(FakeDriver.QUEUE_SELECT, 2, 0);
      driver.writeCommon(FakeDriver.QUEUE_MSIX_VECTOR, 2, 1);
    }
    BlkDriver disk = new BlkDriver(driver, ring, clock, 512);
    ring.submit(ring.chain(disk.request(BlkDriver.T_FLUSH, 0, 0, false)));
    disk.await();
  }

  @Must({43, 53})
  @Test
  void m43_withMsixTheConfigurationBitIsSetWhenTheMessageComes() {
    sink.msix = true;
    completeOne();
    block.capacityChanged();
    assertThat(sink.seen).containsExactly("vector 1 isr 0", "vector 0 isr " + CONFIG);
    assertThat(transport.read(ISR, 1)).isEqualTo(0);
  }

  @Must({43, 44, 45})
  @Test
  void m44_theBitIsSetWhenIntxIsAssertedAndThePciStatusShowsIt() {
    completeOne();
    assertThat(sink.seen).containsExactly("INTx pending true");
    assertThat(transport.read(ISR, 1)).isEqualTo(QUEUE);
    assertThat(transport.interruptPending()).isFalse();

    block.capacityChanged();
    assertThat(transport.interruptPending()).isTrue();
    assertThat(sink.seen).containsExactly("INTx pending true", "INTx pending true");
    assertThat(transport.read(ISR, 1)).as("no queue bit").isEqualTo(CONFIG);
    assertThat(transport.read(ISR, 1)).as("a read clears it").isZero();
    assertThat(sink.asserted).isFalse();
  }

  /** Looks into the transport while it is told of an interrupt. */
  private final class Sink implements InterruptSink {
    private final List<String> seen = new ArrayList<>();
    private boolean msix;
    private boolean asserted;

    @Override
    public void intx(boolean level) {
      asserted = level;
      if (level) {
        seen.add("INTx pending " + transport.interruptPending());
      }
    }

    @Override
    public int msixVectors() {
      return 2;
    }

    @Override
    public boolean msixEnabled() {
      return msix;
    }

    @Override
    public void msix(int vector) {
      seen.add("vector " + vector + " isr " + transport.read(ISR, 1));
    }
  }
}
