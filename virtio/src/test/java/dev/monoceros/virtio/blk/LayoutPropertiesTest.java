package dev.monoceros.virtio.blk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.Must;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.DriverBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

/**
 * Sequences of good requests, cut anywhere, against a plain byte array as the model of the disk.
 */
class LayoutPropertiesTest {
  private static final int SECTORS = 12;
  private static final int AREA = 8192;

  /** One request and how to cut it. */
  record Step(
      int kind,
      int sector,
      int sectors,
      List<Integer> cuts,
      int direct,
      boolean indirect,
      byte fill) {}

  @Must({15, 18, 21})
  @Property(tries = 300)
  void anyLayoutOfAnySequenceOfRequestsActsOnTheDiskAsTheModelDoes(
      @ForAll @Size(min = 1, max = 12) List<@From("steps") Step> steps,
      @ForAll boolean eventIndex) {
    BlkRig rig = new BlkRig();
    rig.start(rig.driver.offered() & ~(eventIndex ? 0 : BlkRig.EVENT_IDX), 32);
    byte[] model = BlkRig.pattern(SECTORS * 512, 1);
    System.arraycopy(model, 0, rig.backend.bytes(), 0, model.length);
    long readable = rig.driver.allocate(AREA, 16);
    long writable = rig.driver.allocate(AREA, 16);
    for (Step step : steps) {
      run(rig, model, step, readable, writable);
    }
    assertThat(Arrays.copyOf(rig.backend.bytes(), model.length)).isEqualTo(model);
    assertThat(rig.ring.freeDescriptors()).isEqualTo(32);
    assertThat(rig.needsReset()).isFalse();
  }

  @Provide
  static Arbitrary<Step> steps() {
    return Combinators.combine(
            Arbitraries.integers().between(0, 2),
            Arbitraries.integers().between(0, 6),
            Arbitraries.integers().between(0, 6),
            Arbitraries.integers().between(1, 3600).list().ofMaxSize(6),
            Arbitraries.integers().between(0, 4),
            Arbitraries.of(true, false),
            Arbitraries.bytes())
        .as(Step::new);
  }

  private static void run(BlkRig rig, byte[] model, Step step, long readable, long writable) {
    int bytes = step.kind() == 2 ? 0 : step.sectors() * 512;
    int type = new int[] {BlkDriver.T_IN, BlkDriver.T_OUT, BlkDriver.T_FLUSH}[step.kind()];
    boolean write = type == BlkDriver.T_OUT;
    rig.disk.putHeader(readable, type, step.sector());
    byte[] data = new byte[bytes];
    Arrays.fill(data, step.fill());
    rig.memory.write(readable + 16, data, 0, bytes);
    int in = write ? 0 : bytes;
    rig.memory.putU8(writable + in, BlkDriver.NO_STATUS);

    List<DriverBuffer> buffers = new ArrayList<>();
    cut(buffers, readable, 16 + (write ? bytes : 0), step.cuts(), false);
    cut(buffers, writable, in + 1, step.cuts(), true);
    int direct = Math.min(step.direct(), buffers.size() - 1);
    int head =
        step.indirect()
            ? rig.ring.indirectChain(
                buffers.subList(0, direct), buffers.subList(direct, buffers.size()))
            : rig.ring.chain(buffers);
    rig.ring.offer(head);
    rig.ring.kickIfWanted();
    rig.disk.await();

    assertThat(rig.ring.takeUsed()).isEqualTo(head);
    assertThat(rig.memory.u8(writable + in)).isEqualTo(BlkDriver.S_OK);
    assertThat(rig.ring.usedLength()).isEqualTo(in + 1);
    int offset = step.sector() * 512;
    if (write) {
      System.arraycopy(data, 0, model, offset, bytes);
    } else {
      byte[] got = new byte[in];
      rig.memory.read(writable, got, 0, in);
      assertThat(got).isEqualTo(Arrays.copyOfRange(model, offset, offset + in));
    }
  }

  private static void cut(
      List<DriverBuffer> into, long address, int bytes, List<Integer> cuts, boolean writable) {
    TreeSet<Integer> ends = new TreeSet<>();
    for (int cut : cuts) {
      ends.add(1 + cut % bytes);
    }
    ends.add(bytes);
    int from = 0;
    for (int end : ends) {
      into.add(new DriverBuffer(address + from, end - from, writable));
      from = end;
    }
  }
}
