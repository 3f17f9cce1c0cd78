package dev.monoceros.tests.bench.img;

import dev.monoceros.qcow.CreateOptions;
import dev.monoceros.qcow.DiskImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import org.apache.commons.io.FileUtils;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** A read behind a cached L2 entry against a plain positional read of the same file and size. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class HitPathBench {
  private static final long SIZE = 64L << 20;

  /** Bytes of a read. */
  @Param({"512", "4096", "65536"})
  int length;

  private Path directory;
  private DiskImage image;
  private FileChannel channel;
  private ByteBuffer buffer;
  private long at;

  /** A full image, and a channel on a copy of it, since the image is locked. */
  @Setup
  public void open() throws IOException {
    directory = Files.createTempDirectory(ImgBench.memory(), "hit-path");
    Path path = directory.resolve("disk.qcow2");
    image = DiskImage.create(path, CreateOptions.qcow2(SIZE));
    ByteBuffer data = ByteBuffer.allocateDirect(1 << 20);
    for (long offset = 0; offset < SIZE; offset += data.capacity()) {
      image.write(offset, data.clear());
    }
    image.flush();
    Path copy = directory.resolve("copy");
    Files.copy(path, copy);
    channel = FileChannel.open(copy, StandardOpenOption.READ);
    buffer = ByteBuffer.allocateDirect(length);
  }

  @TearDown
  public void close() throws IOException {
    image.close();
    channel.close();
    FileUtils.deleteDirectory(directory.toFile());
  }

  /** The same places for both, in an order that no read-ahead guesses. */
  private long next() {
    at = (at + 25 * 65536 + length) & SIZE - 1 & -length;
    return at;
  }

  @Benchmark
  public ByteBuffer qcow2() throws IOException {
    image.read(next(), buffer.clear());
    return buffer;
  }

  @Benchmark
  public ByteBuffer fileChannel() throws IOException {
    channel.read(buffer.clear(), next());
    return buffer;
  }

  public static void main(String[] arguments) throws RunnerException {
    new Runner(
            new OptionsBuilder()
                .include(HitPathBench.class.getName())
                .jvmArgsAppend("--enable-native-access=ALL-UNNAMED")
                .addProfiler("gc")
                .build())
        .run();
  }
}
