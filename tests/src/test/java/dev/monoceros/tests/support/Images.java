package dev.monoceros.tests.support;

import dev.monoceros.images.Tool;
import dev.monoceros.qcow.CreateOptions;
import dev.monoceros.qcow.DiskImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Disk images made by our library and looked at by QEMU's and e2fsprogs' tools. */
public final class Images {
  private Images() {}

  /** Creates an empty QCOW2 image with our library. */
  public static Path qcow2(Path file, long size) throws IOException {
    DiskImage.create(file, CreateOptions.qcow2(size)).close();
    return file;
  }

  /** What a tool says; fails unless it ends with status 0. */
  public static String output(Tool tool, String... arguments) throws IOException {
    Process process = tool.process(arguments).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int status = status(process);
    if (status != 0) {
      throw new AssertionError(
          tool.name() + " " + String.join(" ", arguments) + " ended with " + status + ": " + text);
    }
    return text;
  }

  static int status(Process process) throws IOException {
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      throw new IOException("interrupted", e);
    }
  }

  /** Fails unless qemu-img finds the image free of errors and of leaks. */
  public static void requireClean(Path image) throws IOException {
    String said = output(Guests.oracles().qemuImg(), "check", "-f", "qcow2", image.toString());
    if (!said.contains("No errors were found on the image.")) {
      throw new AssertionError("qemu-img check says of " + image + ": " + said);
    }
  }

  /** The disk's contents as QEMU reads them, in a raw file. */
  public static Path rawByQemu(Path image, Path raw) throws IOException {
    output(
        Guests.oracles().qemuImg(),
        "convert",
        "-f",
        "qcow2",
        "-O",
        "raw",
        image.toString(),
        raw.toString());
    return raw;
  }

  /** Fails unless e2fsck finds a file system clean; {@code start} and {@code size} in bytes. */
  public static void requireCleanExt4(Path rawDisk, long start, long size) throws IOException {
    Path partition = rawDisk.resolveSibling(rawDisk.getFileName() + ".partition");
    try (FileChannel from = FileChannel.open(rawDisk, StandardOpenOption.READ);
        FileChannel to =
            FileChannel.open(
                partition,
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING)) {
      // No call moves more than 2 GiB.
      for (long done = 0; done < size; ) {
        long moved = from.transferTo(start + done, size - done, to);
        if (moved <= 0) {
          throw new AssertionError(rawDisk + " ends before its partition");
        }
        done += moved;
      }
    }
    String said = output(Guests.oracles().e2fsck(), "-fn", partition.toString());
    if (!said.contains("Pass 5") || said.contains("Fix?") || said.contains("journal")) {
      throw new AssertionError("e2fsck says of " + rawDisk + ": " + said);
    }
    Files.delete(partition);
  }

  /** A file's digest in hexadecimal, as md5sum and sha256sum print it. */
  public static String digest(String algorithm, Path file) throws IOException {
    try (DigestInputStream in =
        new DigestInputStream(Files.newInputStream(file), MessageDigest.getInstance(algorithm))) {
      in.transferTo(OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(in.getMessageDigest().digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
