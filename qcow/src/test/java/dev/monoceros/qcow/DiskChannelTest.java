package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.monoceros.qcow.oracle.DiskModel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The channel view keeps SeekableByteChannel's contract; a FileChannel is the model. */
class DiskChannelTest {
  private static final int SIZE = 100_000 / 512 * 512;

  @TempDir Path directory;

  /** One call. */
  record Step(Kind kind, int at, int length) {}

  enum Kind {
    READ,
    WRITE,
    POSITION
  }

  private DiskImage create() throws ImageException {
    return DiskImage.create(
        directory.resolve("disk.qcow2"), CreateOptions.qcow2(SIZE).withClusterSize(4096));
  }

  @Provide
  Arbitrary<List<Step>> steps() {
    return Combinators.combine(
            Arbitraries.of(Kind.class),
            Arbitraries.integers().between(0, SIZE + 10_000),
            Arbitraries.integers().between(0, 20_000))
        .as(Step::new)
        .list()
        .ofMaxSize(40);
  }

  @Property(tries = 100)
  void aChannelOnADiskDoesWhatOneOnAFileOfItsSizeDoes(@ForAll("steps") List<Step> steps)
      throws Exception {
    Path directory = Files.createTempDirectory("channel");
    Path raw = directory.resolve("raw");
    Path disk = directory.resolve("disk");
    Files.write(raw, new byte[SIZE]);
    try (DiskImage image = DiskImage.create(disk, CreateOptions.qcow2(SIZE).withClusterSize(4096));
        SeekableByteChannel channel = image.channel();
        FileChannel model =
            FileChannel.open(raw, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      long seed = 0;
      for (Step step : steps) {
        apply(channel, model, step, seed++);
        assertThat(channel.position()).isEqualTo(model.position());
        assertThat(channel.size()).isEqualTo(SIZE);
      }
    } finally {
      Files.delete(raw);
      Files.delete(disk);
      Files.delete(directory);
    }
  }

  private static void apply(SeekableByteChannel channel, FileChannel model, Step step, long seed)
      throws IOException {
    switch (step.kind()) {
      case POSITION -> {
        channel.position(step.at());
        model.position(step.at());
      }
      case READ -> {
        ByteBuffer ours = ByteBuffer.allocate(step.length());
        ByteBuffer theirs = ByteBuffer.allocate(step.length());
        assertThat(channel.read(ours)).isEqualTo(model.read(theirs));
        assertThat(ours).isEqualTo(theirs);
        assertThat(ours.flip()).isEqualTo(theirs.flip());
      }
      case WRITE -> {
        byte[] data = DiskModel.pattern(step.length(), seed);
        if (channel.position() + data.length <= SIZE) {
          assertThat(channel.write(ByteBuffer.wrap(data)))
              .isEqualTo(model.write(ByteBuffer.wrap(data)));
        } else if (data.length > 0) {
          ByteBuffer source = ByteBuffer.wrap(data);
          assertThatThrownBy(() -> channel.write(source)).isInstanceOf(IOException.class);
          assertThat(source.position()).isZero();
        }
      }
    }
  }

  @Test
  void theEndOfTheDiskIsTheEndOfTheChannel() throws Exception {
    try (DiskImage image = create();
        SeekableByteChannel channel = image.channel()) {
      channel.position(SIZE - 10);
      assertThat(channel.read(ByteBuffer.allocate(100))).isEqualTo(10);
      assertThat(channel.read(ByteBuffer.allocate(100))).isEqualTo(-1);
      assertThat(channel.read(ByteBuffer.allocate(0))).isZero();
      channel.position(Long.MAX_VALUE);
      assertThat(channel.read(ByteBuffer.allocate(1))).isEqualTo(-1);
      assertThatThrownBy(() -> channel.write(ByteBuffer.allocate(1)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("do not fit into a disk of " + SIZE);
      assertThat(channel.write(ByteBuffer.allocate(0))).isZero();
    }
  }

  @Test
  void aStreamOverTheChannelHasTheWholeDisk() throws Exception {
    byte[] data = DiskModel.pattern(SIZE, 1);
    try (DiskImage image = create()) {
      image.write(0, ByteBuffer.wrap(data));
      try (InputStream in = Channels.newInputStream(image.channel())) {
        assertThat(in.readAllBytes()).isEqualTo(data);
      }
    }
  }

  @Test
  void truncatingIsRefusedAndGrowingChangesNothing() throws Exception {
    try (DiskImage image = create();
        SeekableByteChannel channel = image.channel()) {
      channel.position(5);
      assertThatThrownBy(() -> channel.truncate(SIZE - 1))
          .isInstanceOf(UnsupportedOperationException.class);
      assertThatThrownBy(() -> channel.truncate(-1)).isInstanceOf(IllegalArgumentException.class);
      assertThat(channel.truncate(SIZE)).isSameAs(channel);
      assertThat(channel.truncate(SIZE + 1L).position()).isEqualTo(5);
      assertThat(channel.position(SIZE + 9L).truncate(SIZE + 1L).position()).isEqualTo(SIZE + 1L);
      assertThat(image.size()).isEqualTo(SIZE);
    }
  }

  @Test
  void aNegativePositionIsRefused() throws Exception {
    try (DiskImage image = create();
        SeekableByteChannel channel = image.channel()) {
      assertThatThrownBy(() -> channel.position(-1)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void aClosedChannelRefusesEverythingAndLeavesTheImageOpen() throws Exception {
    try (DiskImage image = create()) {
      SeekableByteChannel channel = image.channel();
      channel.close();
      channel.close();
      assertThat(channel.isOpen()).isFalse();
      assertThatThrownBy(channel::position).isInstanceOf(ClosedChannelException.class);
      assertThatThrownBy(channel::size).isInstanceOf(ClosedChannelException.class);
      assertThatThrownBy(() -> channel.position(0)).isInstanceOf(ClosedChannelException.class);
      assertThatThrownBy(() -> channel.truncate(0)).isInstanceOf(ClosedChannelException.class);
      ByteBuffer buffer = ByteBuffer.allocate(1);
      assertThatThrownBy(() -> channel.read(buffer)).isInstanceOf(ClosedChannelException.class);
      assertThatThrownBy(() -> channel.write(buffer)).isInstanceOf(ClosedChannelException.class);
      image.write(0, ByteBuffer.allocate(1));
    }
  }

  @Test
  void aChannelOnAReadOnlyImageDoesNotWrite() throws Exception {
    create().close();
    OpenOptions options = OpenOptions.defaults().withReadOnly(true);
    try (DiskImage image = DiskImage.open(directory.resolve("disk.qcow2"), options);
        SeekableByteChannel channel = image.channel()) {
      ByteBuffer buffer = ByteBuffer.allocate(1);
      assertThatThrownBy(() -> channel.write(buffer))
          .isInstanceOf(NonWritableChannelException.class);
      assertThatThrownBy(() -> channel.truncate(0)).isInstanceOf(NonWritableChannelException.class);
      assertThat(channel.read(buffer)).isEqualTo(1);
    }
  }

  @Test
  void twoChannelsOnOneImageHaveTheirOwnPositions() throws Exception {
    try (DiskImage image = create();
        SeekableByteChannel one = image.channel();
        SeekableByteChannel two = image.channel()) {
      one.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
      ByteBuffer read = ByteBuffer.allocate(3);
      two.read(read);
      assertThat(read.array()).containsExactly(1, 2, 3);
      assertThat(one.position()).isEqualTo(3);
    }
  }
}
