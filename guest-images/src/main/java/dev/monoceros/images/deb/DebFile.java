package dev.monoceros.images.deb;

import com.github.luben.zstd.ZstdInputStream;
import dev.monoceros.images.ImagesException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.ar.ArArchiveEntry;
import org.apache.commons.compress.archivers.ar.ArArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * One .deb: an ar archive whose members are debian-binary, control.tar and data.tar, in this order
 * (deb(5)).
 */
public final class DebFile {
  private static final String DATA_MEMBER = "data.tar";
  private static final String CONTROL_MEMBER = "control.tar";

  /** The largest control file of Debian has some tens of KiB. */
  private static final int CONTROL_LIMIT = 1 << 20;

  /** No Debian package needs a larger dictionary; a hostile one shall not get it. */
  private static final int XZ_MEMORY_LIMIT_KIB = 256 * 1024;

  private final Path path;

  /** The package at a path; nothing is read yet. */
  public DebFile(Path path) {
    this.path = path;
  }

  /** Receives the entries of data.tar. */
  @FunctionalInterface
  public interface EntryVisitor {
    /** One entry; {@code content} ends with the entry and is valid during the call only. */
    void visit(TarArchiveEntry entry, InputStream content) throws IOException;
  }

  /**
   * Walks over data.tar in archive order.
   *
   * @throws ImagesException BAD_INPUT when the file is not a Debian package
   */
  public void forEachEntry(EntryVisitor visitor) {
    forEachEntry(DATA_MEMBER, visitor);
  }

  /**
   * The package's control file (deb-control(5)), ending in a line feed.
   *
   * @throws ImagesException BAD_INPUT when the file is not a Debian package
   */
  public String control() {
    StringBuilder control = new StringBuilder();
    forEachEntry(
        CONTROL_MEMBER,
        (entry, content) -> {
          if (entry.getName().matches("(\\./)?control")) {
            control.append(
                new String(content.readNBytes(CONTROL_LIMIT), StandardCharsets.UTF_8)
                    .stripTrailing());
          }
        });
    if (control.isEmpty()) {
      throw malformed("it has no control file");
    }
    return control.append('\n').toString();
  }

  private void forEachEntry(String wanted, EntryVisitor visitor) {
    try (InputStream file = new BufferedInputStream(Files.newInputStream(path));
        ArArchiveInputStream ar = new ArArchiveInputStream(file)) {
      requireFormat2(ar);
      for (ArArchiveEntry member = ar.getNextEntry(); member != null; member = ar.getNextEntry()) {
        if (member.getName().startsWith(wanted)) {
          visitTar(new TarArchiveInputStream(decompress(member.getName(), ar)), visitor);
          return;
        }
      }
      throw malformed("it has no " + wanted);
    } catch (IOException e) {
      throw new ImagesException(
          ImagesException.Kind.BAD_INPUT,
          "Cannot unpack the package " + path.getFileName() + ": " + e.getMessage() + ".",
          e);
    }
  }

  private void requireFormat2(ArArchiveInputStream ar) throws IOException {
    ArArchiveEntry first = ar.getNextEntry();
    if (first == null || !first.getName().equals("debian-binary")) {
      throw malformed("its first member is not debian-binary");
    }
    String version = new String(ar.readNBytes(16), StandardCharsets.US_ASCII).strip();
    if (!version.startsWith("2.")) {
      throw malformed("its format version is " + version + ", not 2");
    }
  }

  private InputStream decompress(String member, InputStream raw) throws IOException {
    return switch (member.substring(member.indexOf(".tar") + ".tar".length())) {
      case "" -> raw;
      case ".gz" -> new GZIPInputStream(raw);
      case ".xz" -> new XZInputStream(raw, XZ_MEMORY_LIMIT_KIB);
      case ".zst" -> new ZstdInputStream(raw);
      default -> throw malformed("it is compressed in an unknown way: " + member);
    };
  }

  private static void visitTar(TarArchiveInputStream tar, EntryVisitor visitor) throws IOException {
    for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
      visitor.visit(entry, tar);
    }
  }

  private ImagesException malformed(String how) {
    return new ImagesException(
        ImagesException.Kind.BAD_INPUT,
        path.getFileName() + " is not a Debian package: " + how + ".");
  }
}
