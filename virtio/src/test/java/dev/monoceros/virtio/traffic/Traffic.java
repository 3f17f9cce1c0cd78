package dev.monoceros.virtio.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.virtio.BlkRig;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.DriverBuffer;
import dev.monoceros.virtio.testing.DriverQueue;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A driver that keeps many random requests in flight on all queues and knows what must become of
 * each: a plain byte array is the model of the disk, since data moves in the order of the kicks.
 */
final class Traffic {
  private static final int MOST_SECTORS = 6;
  private static final int SLOTS = 24;
  private static final int SLOT_BYTES = 4096;

  private final BlkRig rig;
  private final Setup setup;
  private final SplittableRandom random;
  private final byte[] disk;
  private final long area;
  private final Deque<Integer> freeSlots = new ArrayDeque<>();
  private final List<Queue> queues = new ArrayList<>();
  private long completed;

  /** A request in flight and how it must end. */
  private record Expected(int slot, int status, long usedLength, byte[] data) {}

  /** The driver's end of one queue with what it has offered, known by chain. */
  private static final class Queue {
    private final DriverQueue ring;
    private final Map<Integer, Expected> inFlight = new HashMap<>();
    private final Deque<Integer> order = new ArrayDeque<>();

    Queue(DriverQueue ring) {
      this.ring = ring;
    }
  }

  /** On a rig that is live; its driver's memory must suffice. */
  Traffic(BlkRig rig, Setup setup, SplittableRandom random) {
    this.rig = rig;
    this.setup = setup;
    this.random = random;
    this.disk = rig.backend.bytes().clone();
    this.area = rig.driver.allocate((long) SLOTS * SLOT_BYTES, 16);
    for (int i = 0; i < SLOTS; i++) {
      freeSlots.add(i);
    }
    for (DriverQueue ring : rig.queues) {
      queues.add(new Queue(ring));
    }
  }

  /** Requests that have come back as they must. */
  long completed() {
    return completed;
  }

  /** One thing a driver may do: offer and kick, or let some time pass and take what is used. */
  void step() {
    int index = random.nextInt(queues.size());
    if (random.nextInt(3) > 0) {
      int batch = 1 + random.nextInt(4);
      boolean offered = false;
      for (int i = 0; i < batch; i++) {
        offered |= offer(queues.get(index));
      }
      if (offered) {
        rig.queues[index].kickIfWanted();
      }
    } else {
      rig.clock.advance(random.nextInt(30_000));
    }
    takeAll();
  }

  /** Lets everything complete, checks it and that nothing is left over. */
  void drain() {
    rig.clock.runAll(10_000);
    takeAll();
    for (Queue queue : queues) {
      assertThat(queue.inFlight).as("requests that never came back").isEmpty();
      assertThat(queue.ring.freeDescriptors()).isEqualTo(queue.ring.size());
    }
    assertThat(rig.block.requestsInFlight()).isZero();
    assertThat(rig.needsReset()).isFalse();
    assertThat(rig.backend.bytes()).isEqualTo(disk);
  }

  private boolean offer(Queue queue) {
    if (freeSlots.isEmpty() || queue.ring.freeDescriptors() == 0) {
      return false;
    }
    int slot = freeSlots.remove();
    long at = area + (long) slot * SLOT_BYTES;
    List<DriverBuffer> buffers = new ArrayList<>();
    Expected expected = build(slot, at, buffers);
    boolean direct = buffers.size() <= queue.ring.freeDescriptors() && random.nextBoolean();
    int id = direct ? queue.ring.chain(buffers) : queue.ring.indirectChain(buffers);
    queue.ring.offer(id);
    queue.inFlight.put(id, expected);
    queue.order.add(id);
    return true;
  }

  private Expected build(int slot, long at, List<DriverBuffer> buffers) {
    int sector = random.nextInt(Setup.SECTORS + 2);
    int sectors = random.nextInt(MOST_SECTORS + 1);
    boolean inside = sector + sectors <= Setup.SECTORS;
    int bytes = sectors * 512;
    long data = at + 16;
    long status = at + SLOT_BYTES - 1;
    rig.memory.putU8(status, BlkDriver.NO_STATUS);
    buffers.add(DriverBuffer.readable(at, 16));
    int type =
        new int[] {BlkDriver.T_IN, BlkDriver.T_OUT, BlkDriver.T_FLUSH, 99}[random.nextInt(4)];
    rig.disk.putHeader(at, type, sector);
    byte[] read = null;
    int answer = inside ? BlkDriver.S_OK : BlkDriver.S_IOERR;
    long used = 1;
    switch (type) {
      case BlkDriver.T_IN -> {
        cut(data, bytes, true, buffers);
        read = inside ? Arrays.copyOfRange(disk, sector * 512, sector * 512 + bytes) : null;
        used = inside || bytes == 0 ? bytes + 1L : 0;
      }
      case BlkDriver.T_OUT -> {
        byte[] content = BlkRig.pattern(bytes, random.nextInt(1000));
        rig.memory.write(data, content, 0, bytes);
        cut(data, bytes, false, buffers);
        if (inside) {
          System.arraycopy(content, 0, disk, sector * 512, bytes);
        }
      }
      case BlkDriver.T_FLUSH -> answer = BlkDriver.S_OK;
      default -> answer = BlkDriver.S_UNSUPP;
    }
    buffers.add(DriverBuffer.writable(status, 1));
    return new Expected(slot, answer, used, read);
  }

  private void cut(long data, int bytes, boolean writable, List<DriverBuffer> buffers) {
    if (bytes == 0) {
      return;
    }
    int first = random.nextBoolean() ? bytes : 1 + random.nextInt(bytes);
    buffers.add(new DriverBuffer(data, first, writable));
    if (first < bytes) {
      buffers.add(new DriverBuffer(data + first, bytes - first, writable));
    }
  }

  private void takeAll() {
    rig.driver.readIsr();
    for (Queue queue : queues) {
      while (queue.ring.hasUsed()) {
        int id = queue.ring.takeUsed();
        Expected expected = queue.inFlight.remove(id);
        assertThat(expected).as("chain %d was in flight", id).isNotNull();
        if (setup.inOrder()) {
          assertThat(queue.order.peek()).as("IN_ORDER (10)").isEqualTo(id);
        }
        queue.order.remove(id);
        check(queue, expected);
      }
    }
  }

  private void check(Queue queue, Expected expected) {
    long at = area + (long) expected.slot() * SLOT_BYTES;
    assertThat(rig.memory.u8(at + SLOT_BYTES - 1)).as("status").isEqualTo(expected.status());
    assertThat(queue.ring.usedLength()).isEqualTo(expected.usedLength());
    if (expected.data() != null) {
      byte[] found = new byte[expected.data().length];
      rig.memory.read(at + 16, found, 0, found.length);
      assertThat(Arrays.equals(found, expected.data())).as("data").isTrue();
    }
    freeSlots.add(expected.slot());
    completed++;
  }
}
