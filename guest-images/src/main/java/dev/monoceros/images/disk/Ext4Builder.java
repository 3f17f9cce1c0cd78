package dev.monoceros.images.disk;

import dev.monoceros.images.ImagesException;
import dev.monoceros.images.Tool;
import dev.monoceros.images.tree.FileTree;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Makes an ext4 file system of a tree with {@code mke2fs -d} from a tar archive: no root, no mount,
 * and nothing of the host shows in it. Needs mke2fs 1.47.1 or newer with libarchive, which {@link
 * dev.monoceros.images.PackageCache#imageTools} has.
 */
public final class Ext4Builder {
  private static final int PIPE_BUFFER = 1 << 17;

  private final Tool mke2fs;

  /** A builder that runs this mke2fs. */
  public Ext4Builder(Tool mke2fs) {
    this.mke2fs = mke2fs;
  }

  /**
   * Writes the file system to a new raw file, sparse where the host allows.
   *
   * @throws ImagesException TOOL_FAILED when the tree does not fit, IO when the file cannot be
   *     written
   */
  public void build(FileTree tree, Ext4Options options, Path raw) {
    Path tar = raw.resolveSibling(raw.getFileName() + ".tar");
    try {
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(tar))) {
        new TarWriter(options.epochSeconds()).write(tree, out);
      }
      build(tar, options, raw);
    } catch (IOException e) {
      throw ImagesException.io("build the file system", raw, e);
    } finally {
      delete(tar);
    }
  }

  /**
   * The same from a tar archive, whose owners, modes, times and device nodes are taken over.
   *
   * @throws ImagesException TOOL_FAILED when it does not fit, IO when the file cannot be written
   */
  public void build(Path tar, Ext4Options options, Path raw) {
    try {
      Files.deleteIfExists(raw);
      run(options, tar, raw);
    } catch (ImagesException e) {
      delete(raw);
      throw e;
    } catch (IOException e) {
      throw ImagesException.io("build the file system", raw, e);
    }
  }

  /** Writes a tar archive to the stream, and its end. */
  @FunctionalInterface
  public interface Archive {
    /** Writes it; called once. */
    void write(OutputStream out) throws IOException;
  }

  /**
   * The same from a tar archive that is written while the file system is made, and without a
   * journal: for an image that no guest changes for good.
   *
   * @param inodes how many files there can be
   * @throws ImagesException TOOL_FAILED when it does not fit
   * @throws IOException what the archive's writer throws, and when mke2fs cannot be run
   */
  public void build(Archive archive, long inodes, Ext4Options options, Path raw)
      throws IOException {
    List<String> more = List.of("-O", "^has_journal", "-N", Long.toString(inodes));
    Process process = start(options, more, "-", raw);
    boolean written = false;
    IOException refused = null;
    try (OutputStream out = process.getOutputStream()) {
      OutputStream buffered = new BufferedOutputStream(new ToProgram(out), PIPE_BUFFER);
      archive.write(buffered);
      buffered.flush();
      written = true;
    } catch (ToProgram.RefusedException e) {
      // It has given up, and says why.
      refused = e;
    } finally {
      if (!written && refused == null) {
        process.destroyForcibly();
      }
    }
    finish(process, raw);
    if (refused != null) {
      throw refused;
    }
  }

  /** Tells a program that takes no more from a writer that has a failure of its own. */
  private static final class ToProgram extends FilterOutputStream {
    private static final class RefusedException extends IOException {
      private static final long serialVersionUID = 1L;

      RefusedException(IOException cause) {
        super(cause);
      }
    }

    ToProgram(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      try {
        out.write(bytes, offset, length);
      } catch (IOException e) {
        throw new RefusedException(e);
      }
    }
  }

  private void run(Ext4Options options, Path tar, Path raw) throws IOException {
    Process process = start(options, List.of(), tar.toString(), raw);
    process.getOutputStream().close();
    finish(process, raw);
  }

  private Process start(Ext4Options options, List<String> more, String source, Path raw)
      throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "-q",
                "-F",
                "-t",
                "ext4",
                "-b",
                Integer.toString(Ext4Options.BLOCK_BYTES),
                "-I",
                "256",
                "-m",
                "0",
                "-L",
                options.label(),
                "-U",
                options.uuid().toString(),
                "-E",
                "hash_seed="
                    + options.hashSeed()
                    + ",root_owner=0:0,lazy_itable_init=0,lazy_journal_init=0,nodiscard"));
    arguments.addAll(more);
    arguments.addAll(List.of("-d", source, raw.toString(), options.sizeBytes() / 1024 + "k"));
    ProcessBuilder builder = mke2fs.process(arguments.toArray(String[]::new));
    // e2fsprogs obeys a dozen variables of the caller's environment; the image must depend on none
    // of them.
    builder.environment().clear();
    builder.environment().putAll(mke2fs.environment());
    builder
        .environment()
        .putAll(
            Map.of(
                "LC_ALL",
                "C",
                "SOURCE_DATE_EPOCH",
                Long.toString(options.epochSeconds()),
                "E2FSPROGS_FAKE_TIME",
                Long.toString(options.epochSeconds()),
                "MKE2FS_DETERMINISTIC",
                "1"));
    return builder.redirectErrorStream(true).start();
  }

  private static void finish(Process process, Path raw) throws IOException {
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      int status = process.waitFor();
      if (status != 0) {
        throw new ImagesException(
            ImagesException.Kind.TOOL_FAILED,
            "mke2fs could not make " + raw + ": " + reason(said, status) + ".");
      }
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new ImagesException(
          ImagesException.Kind.TOOL_FAILED, "Making " + raw + " was interrupted.", e);
    }
  }

  private static String reason(String said, int status) {
    return said.lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty())
        .reduce((first, last) -> last)
        .orElse("exit status " + status);
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw ImagesException.io("delete", file, e);
    }
  }
}
