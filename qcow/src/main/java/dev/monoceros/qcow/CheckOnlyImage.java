package dev.monoceros.qcow;

import dev.monoceros.qcow.check.ImageCheck;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;
import java.nio.file.Path;

/**
 * A QCOW2 image opened for a check and nothing else ({@link OpenOptions#forCheck}): its tables need
 * not make sense, so nothing is read through them.
 */
final class CheckOnlyImage extends UnservedImage {
  private final OrderedFile file;
  private final int clusterSize;

  private CheckOnlyImage(
      Path path, OrderedFile file, ImageCheck.Subject subject, boolean readOnly) {
    super(path, subject.size(), readOnly);
    this.file = file;
    this.clusterSize = subject.clusterSize();
  }

  static CheckOnlyImage open(Path path, OrderedFile file, OpenOptions options) throws ImageFault {
    return new CheckOnlyImage(path, file, ImageCheck.subject(file), options.fileReadOnly());
  }

  @Override
  public ImageFormat format() {
    return ImageFormat.QCOW2;
  }

  @Override
  public int clusterSize() {
    return clusterSize;
  }

  @Override
  CheckReport checkNow(Repair repair) throws ImageFault {
    return Checks.run(file, repair);
  }

  @Override
  ImageInfo currentInfo() throws ImageFault {
    throw refusal();
  }

  @Override
  ImageFault refusal() {
    return new ImageFault(ErrorKind.UNSUPPORTED, ImageFault.NO_OFFSET, "is open for a check only");
  }

  @Override
  void flushAll() throws ImageFault {
    file.barrier();
  }

  @Override
  ImageStats currentStats() {
    return new ImageStats(
        CacheStats.NONE,
        CacheStats.NONE,
        file.reads(),
        file.writes(),
        file.barriers(),
        0,
        HostStats.of(file));
  }

  @Override
  void closeAll() throws ImageFault {
    file.close();
  }
}
