package dev.monoceros.virtio.blk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.DriverBuffer;
import dev.monoceros.virtio.testing.Must;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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
      int gap,
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
            Arbitraries.of(0, 3),
            Arbitraries.bytes())
        .as(Step::new);
  }

  private static void run(BlkRig rig, byte[] model, Step step, long readable, long writable) {
    int bytes = step.kind() == 2 ? 0 : step.sectors() * 512;
    int type = new int[] {BlkDriver.T_IN, BlkDriver.T_OUT, BlkDriver.T_FLUSH}[step.kind()];
    boolean write = type == BlkDriver.T_OUT;
    ByteBuffer request = ByteBuffer.allocate(16 + (write ? bytes : 0));
    request.order(ByteOrder.LITTLE_ENDIAN).putInt(type).putInt(0).putLong(step.sector());
    Arrays.fill(request.array(), 16, request.capacity(), step.fill());
    byte[] response = new byte[(write ? 0 : bytes) + 1];
    Arrays.fill(response, (byte) BlkDriver.NO_STATUS);

    List<DriverBuffer> out = cut(readable, request.capacity(), step, false);
    List<DriverBuffer> in = cut(writable, response.length, step, true);
    copy(out, request.array(), (at, from, to) -> rig.memory.write(at, request.array(), from, to));
    copy(in, response, (at, from, length) -> rig.memory.write(at, response, from, length));
    int head = chain(rig, step, out, in);
    rig.ring.offer(head);
    rig.ring.kickIfWanted();
    rig.disk.await();

    assertThat(rig.ring.takeUsed()).isEqualTo(head);
    assertThat(rig.ring.usedLength()).isEqualTo(response.length);
    copy(in, response, (at, from, length) -> rig.memory.read(at, response, from, length));
    assertThat(response[response.length - 1]).isEqualTo((byte) BlkDriver.S_OK);
    int offset = step.sector() * 512;
    if (write) {
      System.arraycopy(request.array(), 16, model, offset, bytes);
    } else {
      assertThat(Arrays.copyOf(response, bytes))
          .isEqualTo(Arrays.copyOfRange(model, offset, offset + bytes));
    }
  }

  private static int chain(BlkRig rig, Step step, List<DriverBuffer> out, List<DriverBuffer> in) {
    List<DriverBuffer> all = new ArrayList<>(out);
    all.addAll(in);
    int direct = Math.min(step.direct(), all.size() - 1);
    return step.indirect()
        ? rig.ring.indirectChain(all.subList(0, direct), all.subList(direct, all.size()))
        : rig.ring.chain(all);
  }

  /** Cuts {@code bytes} into buffers that do not touch if the step has a gap. */
  private static List<DriverBuffer> cut(long address, int bytes, Step step, boolean writable) {
    TreeSet<Integer> ends = new TreeSet<>();
    for (int cut : step.cuts()) {
      ends.add(1 + cut % bytes);
    }
    ends.add(bytes);
    List<DriverBuffer> buffers = new ArrayList<>();
    int from = 0;
    for (int end : ends) {
      long at = address + from + (long) step.gap() * buffers.size();
      buffers.add(new DriverBuffer(at, end - from, writable));
      from = end;
    }
    return buffers;
  }

  /** Copies bytes between an array and guest memory. */
  private interface Copier {
    void copy(long address, int from, int length);
  }

  private static void copy(List<DriverBuffer> buffers, byte[] bytes, Copier copier) {
    int from = 0;
    for (DriverBuffer buffer : buffers) {
      copier.copy(buffer.address(), from, (int) buffer.length());
      from += (int) buffer.length();
    }
    assertThat(from).isEqualTo(bytes.length);
  }
}
