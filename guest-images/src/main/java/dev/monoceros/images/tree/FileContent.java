package dev.monoceros.images.tree;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The bytes of a regular file, opened when they are written. */
public sealed interface FileContent {
  /** Bytes held in memory. */
  record InMemory(byte[] bytes) implements FileContent {
    @Override
    public long size() {
      return bytes.length;
    }

    @Override
    public InputStream open() {
      return new ByteArrayInputStream(bytes);
    }
  }

  /** A file of the host; it must not change while the tree is in use. */
  record HostFile(Path path) implements FileContent {
    @Override
    public long size() throws IOException {
      return Files.size(path);
    }

    @Override
    public InputStream open() throws IOException {
      return Files.newInputStream(path);
    }
  }

  /** Length in bytes. */
  long size() throws IOException;

  /** A stream over exactly {@link #size} bytes. */
  InputStream open() throws IOException;

  /** A text in UTF-8. */
  static FileContent of(String text) {
    return new InMemory(text.getBytes(StandardCharsets.UTF_8));
  }

  /** These bytes; the array is not copied. */
  static FileContent of(byte[] bytes) {
    return new InMemory(bytes);
  }

  /** A file of the host. */
  static FileContent of(Path path) {
    return new HostFile(path);
  }
}
