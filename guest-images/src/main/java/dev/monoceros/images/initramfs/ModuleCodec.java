package dev.monoceros.images.initramfs;

import com.github.luben.zstd.ZstdInputStream;
import dev.monoceros.images.ImagesException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.tukaani.xz.XZInputStream;

/** Module files come plain or compressed, told by their names. */
final class ModuleCodec {
  private static final Pattern MODULE =
      Pattern.compile("(?:.*/)?([^/]+)\\.ko(\\.xz|\\.zst|\\.gz)?");

  /** Far above any real module: the largest of Debian's is below 10 MiB. */
  private static final int MAX_MODULE_BYTES = 128 << 20;

  private ModuleCodec() {}

  static boolean isModule(String path) {
    return MODULE.matcher(path).matches();
  }

  /** The kernel takes {@code -} and {@code _} in names for the same. */
  static String moduleName(String path) {
    Matcher matcher = MODULE.matcher(path);
    String stem = matcher.matches() ? matcher.group(1) : path;
    return stem.replace('-', '_');
  }

  static byte[] decompress(String path, byte[] file) {
    Matcher matcher = MODULE.matcher(path);
    String suffix = matcher.matches() && matcher.group(2) != null ? matcher.group(2) : "";
    InputStream raw = new ByteArrayInputStream(file);
    try (InputStream plain =
        switch (suffix) {
          case ".xz" -> new XZInputStream(raw, MAX_MODULE_BYTES / 1024);
          case ".zst" -> new ZstdInputStream(raw);
          case ".gz" -> new GZIPInputStream(raw);
          default -> raw;
        }) {
      byte[] module = plain.readNBytes(MAX_MODULE_BYTES);
      if (module.length == MAX_MODULE_BYTES) {
        throw new ImagesException(
            ImagesException.Kind.BAD_INPUT, "The kernel module " + path + " is absurdly large.");
      }
      return module;
    } catch (IOException e) {
      throw new ImagesException(
          ImagesException.Kind.BAD_INPUT,
          "The kernel module " + path + " cannot be decompressed: " + e.getMessage() + ".",
          e);
    }
  }
}
