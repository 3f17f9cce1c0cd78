package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.oracle.MemoryFile;
import dev.monoceros.qcow.oracle.NeedsQemu;
import dev.monoceros.qcow.oracle.QemuImg;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An image can be anything: it is refused with a kind and an offset, and costs no memory. */
@Timeout(120)
@NeedsQemu
class HostileImageTest {
  private static final int CLUSTER = 4096;
  private static final int DISK = 4 << 20;

  @TempDir Path directory;
  private byte[] good;

  @BeforeEach
  void image() throws Exception {
    QemuImg.require();
    Path path = directory.resolve("good.qcow2");
    QemuImg.succeed("create", "-f", "qcow2", "-o", "cluster_size=4096", path, DISK);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      for (int at = 0; at < DISK; at += 5 * CLUSTER) {
        image.write(at, ByteBuffer.allocate(CLUSTER));
      }
    }
    good = MemoryFile.load(path);
  }

  private long field(int offset) {
    return ByteBuffer.wrap(good).getLong(offset);
  }

  private ImageException refused(boolean readOnly, Consumer<ByteBuffer> damage) {
    byte[] bad = good.clone();
    damage.accept(ByteBuffer.wrap(bad));
    MemoryFile file = new MemoryFile(bad);
    ImageException e =
        catchThrowableOfType(
            ImageException.class,
            () -> {
              OpenOptions options = OpenOptions.defaults().withReadOnly(readOnly);
              try (DiskImage image = DiskImage.open(file, options.withFormat(ImageFormat.QCOW2))) {
                int length = (int) Math.min(DISK, image.size());
                image.read(0, ByteBuffer.allocate(length));
                if (!readOnly) {
                  image.write(0, ByteBuffer.allocate(length));
                }
              }
            });
    assertThat(file.isClosed()).isTrue();
    return e;
  }

  private void assertRefused(ErrorKind kind, int offset, Consumer<ByteBuffer> damage) {
    for (boolean readOnly : new boolean[] {true, false}) {
      ImageException e = refused(readOnly, damage);
      assertThat(e).isNotNull();
      assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind);
      assertThat(e.offset()).as(e.getMessage()).isEqualTo(offset);
    }
  }

  @Test
  void everyBadHeaderFieldIsRefusedAtItsOffset() {
    assertRefused(ErrorKind.WRONG_FORMAT, 0, b -> b.put(0, (byte) 'X'));
    assertRefused(ErrorKind.UNSUPPORTED, 4, b -> b.putInt(4, 4));
    assertRefused(ErrorKind.CORRUPT, 8, b -> b.putLong(8, 1L << 40));
    assertRefused(ErrorKind.CORRUPT, 16, b -> b.putLong(8, 200).putInt(16, 1024));
    assertRefused(ErrorKind.CORRUPT, 20, b -> b.putInt(20, 8));
    assertRefused(ErrorKind.CORRUPT, 20, b -> b.putInt(20, 22));
    assertRefused(ErrorKind.CORRUPT, 20, b -> b.putInt(20, -1));
    assertRefused(ErrorKind.CORRUPT, 24, b -> b.putLong(24, -1));
    assertRefused(ErrorKind.UNSUPPORTED, 32, b -> b.putInt(32, 1));
    assertRefused(ErrorKind.UNSUPPORTED, 32, b -> b.putInt(32, 77));
    assertRefused(ErrorKind.CORRUPT, 36, b -> b.putInt(36, 0));
    assertRefused(ErrorKind.CORRUPT, 36, b -> b.putLong(24, Long.MAX_VALUE));
    assertRefused(ErrorKind.CORRUPT, 96, b -> b.putInt(96, 7));
    assertRefused(ErrorKind.CORRUPT, 100, b -> b.putInt(100, 96));
    assertRefused(ErrorKind.CORRUPT, 100, b -> b.putInt(100, 105));
    assertRefused(ErrorKind.CORRUPT, 100, b -> b.putInt(100, 1 << 20));
    assertRefused(ErrorKind.CORRUPT, 104, b -> b.put(104, (byte) 1));
    assertRefused(ErrorKind.CORRUPT, 112, b -> b.putInt(112, 7).putInt(116, -8));
  }

  @Test
  void aHugeTableIsRefusedBeforeAnyMemoryIsTaken() {
    assertRefused(ErrorKind.UNSUPPORTED, 40, b -> b.putInt(36, -1));
    assertRefused(ErrorKind.CORRUPT, 40, b -> b.putInt(36, 1 << 22));
    assertRefused(ErrorKind.UNSUPPORTED, 48, b -> b.putInt(56, -1));
    assertRefused(ErrorKind.CORRUPT, 48, b -> b.putInt(56, 2048));
    assertRefused(ErrorKind.CORRUPT, 56, b -> b.putInt(56, 0));
  }

  @Test
  void aTableThatOverlapsTheHeaderOrLiesBeyondTheFileIsRefused() {
    for (int field : new int[] {40, 48}) {
      assertRefused(ErrorKind.CORRUPT, field, b -> b.putLong(field, 0));
      assertRefused(ErrorKind.CORRUPT, field, b -> b.putLong(field, 512));
      assertRefused(ErrorKind.CORRUPT, field, b -> b.putLong(field, 1L << 40));
      assertRefused(ErrorKind.CORRUPT, field, b -> b.putLong(field, -4096));
    }
    assertRefused(ErrorKind.CORRUPT, 40, b -> b.putLong(40, b.getLong(48)));
    assertRefused(ErrorKind.CORRUPT, 64, b -> b.putInt(60, 1).putLong(64, 1L << 40));
  }

  @Test
  void anL1EntryThatLeadsNowhereIsRefusedAtItsOffset() {
    int l1 = (int) field(40);
    for (long entry :
        new long[] {
          1L << 63 | 512,
          1L << 63 | 1L << 50,
          1L << 63,
          1L << 63 | 1L << 57 | 4096,
          1L << 63 | 4096 | 1
        }) {
      assertRefused(ErrorKind.CORRUPT, l1, b -> b.putLong(l1, entry));
    }
  }

  @Test
  void anL2EntryThatLeadsNowhereIsRefusedAtItsOffset() {
    int l2 = (int) (field((int) field(40)) & 0x00ff_ffff_ffff_fe00L);
    for (long entry :
        new long[] {
          1L << 63, 1L << 63 | 512, 1L << 63 | 1L << 50, 1L << 63 | 8192 | 2, 1L << 58 | 8192
        }) {
      assertRefused(ErrorKind.CORRUPT, l2, b -> b.putLong(l2, entry));
    }
  }

  @Test
  void aGuestsWriteNeverLandsOnMetadata() {
    int l2 = (int) (field((int) field(40)) & 0x00ff_ffff_ffff_fe00L);
    for (long target : new long[] {field(40), field(48), l2, field((int) field(48))}) {
      ImageException e = refused(false, b -> b.putLong(l2, 1L << 63 | target));
      assertThat(e).isNotNull();
      assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT);
      assertThat(e.offset()).isEqualTo(target);
      assertThat(e.operation()).isEqualTo(Operation.WRITE);
    }
  }

  @Test
  void twoTablesInOneClusterAreRefusedForWriting() {
    int l1 = (int) field(40);
    ImageException e = refused(false, b -> b.putLong(l1, b.getLong(l1 + 8)));
    assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT);
    int table = (int) field(48);
    e = refused(false, b -> b.putLong(table + 8, b.getLong(table)));
    assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT);
  }

  @Test
  void refcountsThatCallMetadataFreeDoNotLeadToItsLoss() {
    int block = (int) field((int) field(48));
    ImageException e =
        refused(
            false,
            b -> {
              for (int i = 0; i < CLUSTER; i += 8) {
                b.putLong(block + i, 0);
              }
            });
    assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT);
    assertThat(e).hasMessageContaining("overlaps with qcow2_header");
  }

  @Test
  void aFileCutShortAnywhereIsRefusedOrReadsWhatIsLeft() {
    for (int size = 0; size < good.length; size += 509) {
      byte[] left = Arrays.copyOf(good, size);
      ImageException e =
          catchThrowableOfType(
              ImageException.class,
              () -> {
                OpenOptions options = OpenOptions.defaults().withFormat(ImageFormat.QCOW2);
                try (DiskImage image = DiskImage.open(new MemoryFile(left), options)) {
                  image.read(0, ByteBuffer.allocate(DISK));
                }
              });
      if (size < good.length - CLUSTER) {
        assertThat(e).as("cut at %d", size).isNotNull();
        assertThat(e.kind()).isIn(ErrorKind.CORRUPT, ErrorKind.WRONG_FORMAT);
      }
    }
  }

  /** Random damage to the metadata: nothing but ImageException may come out. */
  @Test
  void randomDamageNeverEndsInAnythingButAnImageException() {
    SplittableRandom random = new SplittableRandom(20260101);
    int metadata = (int) (field((int) field(40)) & 0x00ff_ffff_ffff_fe00L) + CLUSTER;
    int refused = 0;
    for (int i = 0; i < 4000; i++) {
      ImageException e =
          refused(
              i % 2 == 0,
              b -> {
                for (int n = random.nextInt(1, 5); n > 0; n--) {
                  int at = random.nextInt(random.nextBoolean() ? 112 : metadata);
                  b.put(at, (byte) (1 << random.nextInt(8)));
                }
              });
      refused += e == null ? 0 : 1;
    }
    assertThat(refused).isGreaterThan(1000);
  }
}
