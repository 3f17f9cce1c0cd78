package dev.monoceros.qcow.format;

import dev.monoceros.qcow.io.ImageFault;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Walks the header extensions, section "Header extensions"; unknown ones are only measured. */
final class ExtensionParser {
  private static final int ALIGNMENT = 8;
  private static final int NAME_ROW = 48;
  private static final int NAME_TEXT = 2;

  private ExtensionParser() {}

  /**
   * @param start header length
   * @param nameOffset where the backing file's name ends the area, or 0
   */
  static List<HeaderExtension> parse(ByteBuffer bytes, int start, long nameOffset)
      throws ImageFault {
    int end = nameOffset >= start ? (int) nameOffset : bytes.limit();
    List<HeaderExtension> found = new ArrayList<>();
    int at = start;
    while (at <= end - HeaderExtension.PREFIX) {
      int type = bytes.getInt(at);
      if (type == HeaderExtension.END) {
        break;
      }
      long length = HeaderParser.u32(bytes, at + Integer.BYTES);
      int data = at + HeaderExtension.PREFIX;
      if (length > end - data) {
        throw ImageFault.corrupt(at, "Header extension too large");
      }
      found.add(new HeaderExtension(type, data, (int) length));
      at = data + (int) ((length + ALIGNMENT - 1) & -ALIGNMENT);
    }
    return found;
  }

  static List<Features.Name> featureNames(ByteBuffer bytes, List<HeaderExtension> extensions) {
    List<Features.Name> names = new ArrayList<>();
    for (HeaderExtension extension : extensions) {
      if (extension.type() != HeaderExtension.FEATURE_NAMES) {
        continue;
      }
      int rows = extension.length() / NAME_ROW;
      for (int row = 0; row < rows; row++) {
        int at = extension.offset() + row * NAME_ROW;
        Optional<Features.Type> type = Features.Type.of(Byte.toUnsignedInt(bytes.get(at)));
        int bit = Byte.toUnsignedInt(bytes.get(at + 1));
        if (type.isPresent() && bit < Long.SIZE) {
          String text = text(bytes, at + NAME_TEXT, NAME_ROW - NAME_TEXT);
          names.add(new Features.Name(type.get(), bit, text));
        }
      }
    }
    return names;
  }

  /** The data of the last extension of that type as a name, cut at the first NUL. */
  static Optional<String> name(ByteBuffer bytes, List<HeaderExtension> extensions, int type) {
    String found = null;
    for (HeaderExtension extension : extensions) {
      if (extension.type() == type) {
        found = exactText(bytes, extension.offset(), extension.length());
      }
    }
    return Optional.ofNullable(found);
  }

  static String exactText(ByteBuffer bytes, int offset, int length) {
    byte[] raw = new byte[length];
    bytes.get(offset, raw);
    String text = new String(raw, StandardCharsets.UTF_8);
    int end = text.indexOf('\0');
    return end < 0 ? text : text.substring(0, end);
  }

  /** Text of the image, cut at the first NUL; what could upset a terminal becomes '?'. */
  static String text(ByteBuffer bytes, int offset, int length) {
    return exactText(bytes, offset, length).replaceAll("\\p{Cntrl}", "?");
  }
}
