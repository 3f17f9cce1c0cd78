package dev.monoceros.qcow.format;

import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The first cluster for a draft: fields, extensions, end marker, backing file's name.
 *
 * @param cluster its bytes
 * @param end first byte of the cluster that nothing uses
 */
public record HeaderLayout(ByteBuffer cluster, int end) {
  private static final int ALIGNMENT = 8;

  static HeaderLayout of(HeaderDraft draft, int areaStart) throws ImageFault {
    int names = featureBytes(draft);
    if (areaStart + areaBytes(draft, names) > draft.clusterSize()) {
      // The names of the features are there for messages only.
      names = 0;
    }
    if (areaStart + areaBytes(draft, names) > draft.clusterSize()) {
      throw new ImageFault(
          ErrorKind.NO_SPACE, ImageFault.NO_OFFSET, "No space left in the file header");
    }
    return write(draft, areaStart, names);
  }

  /**
   * The same header with its extensions and the name elsewhere in the cluster, reached by a longer
   * header_length; version 3.
   *
   * @param areaStart a multiple of 8 beyond the header's own fields
   */
  public static HeaderLayout displaced(HeaderDraft draft, int areaStart) throws ImageFault {
    return of(draft, areaStart);
  }

  private static int featureBytes(HeaderDraft draft) {
    return draft.extension(HeaderExtension.FEATURE_NAMES).map(data -> data.length).orElse(0);
  }

  /** Extensions, end marker and name, with a feature name table of {@code names} bytes. */
  private static int areaBytes(HeaderDraft draft, int names) {
    int bytes = HeaderExtension.PREFIX + draft.backingName().length;
    for (HeaderDraft.Extension e : draft.extensions()) {
      int length = e.type() == HeaderExtension.FEATURE_NAMES ? names : e.data().length;
      if (length > 0 || e.type() != HeaderExtension.FEATURE_NAMES) {
        bytes += HeaderExtension.PREFIX + padded(length);
      }
    }
    return bytes;
  }

  private static int padded(int length) {
    return (length + ALIGNMENT - 1) & -ALIGNMENT;
  }

  private static HeaderLayout write(HeaderDraft draft, int areaStart, int names) {
    ByteBuffer out = ByteBuffer.allocate(draft.clusterSize());
    out.put(draft.fields());
    if (draft.version() != 2) {
      out.putInt(HeaderField.HEADER_LENGTH, areaStart);
    }
    out.position(areaStart);
    for (HeaderDraft.Extension e : draft.extensions()) {
      boolean features = e.type() == HeaderExtension.FEATURE_NAMES;
      byte[] data = features ? Arrays.copyOf(e.data(), names) : e.data();
      if (!features || names > 0) {
        int next = out.position() + HeaderExtension.PREFIX + padded(data.length);
        out.putInt(e.type()).putInt(data.length).put(data).position(next);
      }
    }
    out.position(out.position() + HeaderExtension.PREFIX);
    boolean named = draft.backingName().length > 0;
    out.putLong(HeaderField.BACKING_FILE_OFFSET, named ? out.position() : 0);
    out.putInt(HeaderField.BACKING_FILE_SIZE, draft.backingName().length);
    out.put(draft.backingName());
    int end = padded(out.position());
    return new HeaderLayout(out.clear(), Math.min(end, draft.clusterSize()));
  }
}
