package dev.monoceros.images.deb;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.ar.ArArchiveEntry;
import org.apache.commons.compress.archivers.ar.ArArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/**
 * Puts packages together that no sane packager would. Well-formed ones come from dpkg-deb
 * (src/test/resources/repo) and Debian.
 */
final class DebBuilder {
  private final ByteArrayOutputStream tarBytes = new ByteArrayOutputStream();
  private final TarArchiveOutputStream tar = new TarArchiveOutputStream(tarBytes);

  DebBuilder file(String name, String text, int mode) {
    return add(name, TarConstants.LF_NORMAL, "", text, mode);
  }

  DebBuilder directory(String name) {
    return add(name + "/", TarConstants.LF_DIR, "", "", 0755);
  }

  DebBuilder symlink(String name, String target) {
    return add(name, TarConstants.LF_SYMLINK, target, "", 0777);
  }

  DebBuilder hardlink(String name, String target) {
    return add(name, TarConstants.LF_LINK, target, "", 0644);
  }

  DebBuilder device(String name) {
    return add(name, TarConstants.LF_CHR, "", "", 0600);
  }

  private DebBuilder add(String name, byte type, String link, String text, int mode) {
    byte[] content = text.getBytes(StandardCharsets.UTF_8);
    // "preserveAbsolutePath": a name stays as hostile as it is given.
    TarArchiveEntry entry = new TarArchiveEntry(name, type, true);
    entry.setLinkName(link);
    entry.setMode(mode);
    entry.setSize(content.length);
    try {
      tar.putArchiveEntry(entry);
      tar.write(content);
      tar.closeArchiveEntry();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  /** Writes the package with {@code data.tar} compressed as the suffix says. */
  Path write(Path file, String suffix) throws IOException {
    tar.finish();
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    try (OutputStream compressed =
        switch (suffix) {
          case ".gz" -> new GZIPOutputStream(data);
          case ".xz" -> new XZOutputStream(data, new LZMA2Options(1));
          case ".zst" -> new ZstdOutputStream(data);
          default -> data;
        }) {
      tarBytes.writeTo(compressed);
    }
    write(file, "2.0\n", "data.tar" + suffix, data.toByteArray());
    return file;
  }

  static void write(Path file, String version, String dataName, byte[] data) throws IOException {
    try (ArArchiveOutputStream ar = new ArArchiveOutputStream(Files.newOutputStream(file))) {
      member(ar, "debian-binary", version.getBytes(StandardCharsets.US_ASCII));
      member(ar, "control.tar", new byte[1024]);
      member(ar, dataName, data);
    }
  }

  private static void member(ArArchiveOutputStream ar, String name, byte[] content)
      throws IOException {
    ar.putArchiveEntry(new ArArchiveEntry(name, content.length));
    ar.write(content);
    ar.closeArchiveEntry();
  }
}
