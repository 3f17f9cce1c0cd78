package dev.monoceros.qcow.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.oracle.NeedsQemu;
import dev.monoceros.qcow.oracle.QemuImg;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sections "Header" and "Header extensions", written as QEMU writes them. */
@NeedsQemu
class HeaderDraftTest {
  private static final int UNKNOWN = 0x12345678;

  @TempDir Path directory;

  @BeforeAll
  static void oracle() {
    QemuImg.require();
  }

  private ByteBuffer firstCluster(Path path, int clusterSize) throws Exception {
    return ByteBuffer.wrap(Arrays.copyOf(Files.readAllBytes(path), clusterSize));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cluster_size=65536",
        "cluster_size=512",
        "cluster_size=4096",
        "cluster_size=8192",
        "cluster_size=2M",
        "compat=0.10",
        "compat=0.10,backing_file=a/b.qcow2,backing_fmt=qcow2",
        "backing_file=a/b.raw,backing_fmt=raw",
        "backing_file=b.qcow2,backing_fmt=qcow2,cluster_size=512",
        "data_file=DIR/d.raw",
        "data_file=DIR/d.raw,data_file_raw=on",
        "extended_l2=on,lazy_refcounts=on,refcount_bits=1",
        "compression_type=zstd"
      })
  void everyHeaderOfQemuIsWrittenBackByteForByte(String options) throws Exception {
    Path path = directory.resolve("disk.qcow2");
    String resolved = options.replace("DIR", directory.toString());
    QemuImg.succeed("create", "-u", "-f", "qcow2", "-o", resolved, path, "1M");
    ByteBuffer bits = ByteBuffer.wrap(Files.readAllBytes(path));
    ByteBuffer cluster = firstCluster(path, 1 << bits.getInt(HeaderField.CLUSTER_BITS));
    assertThat(HeaderDraft.of(cluster).encode()).isEqualTo(cluster);
  }

  @Test
  void bitmapsAreWrittenBackByteForByte() throws Exception {
    Path path = directory.resolve("disk.qcow2");
    QemuImg.succeed("create", "-f", "qcow2", path, "1M");
    QemuImg.succeed("bitmap", "--add", path, "b");
    ByteBuffer cluster = firstCluster(path, 65536);
    assertThat(HeaderDraft.of(cluster).encode()).isEqualTo(cluster);
  }

  @Test
  void whatNobodyHereKnowsIsKept() throws Exception {
    Path path = directory.resolve("disk.qcow2");
    QemuImg.succeed("create", "-f", "qcow2", path, "1M");
    HeaderDraft draft = HeaderDraft.of(firstCluster(path, 65536));
    byte[] data = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    draft.put(UNKNOWN, data);
    draft.backing("base.qcow2", Optional.of("qcow2"));
    HeaderDraft again = HeaderDraft.of(draft.encode());
    assertThat(again.extension(UNKNOWN)).hasValue(data);
    again.backing("", Optional.empty());
    assertThat(HeaderDraft.of(again.encode()).extension(UNKNOWN)).hasValue(data);
    Files.write(path, patched(path, draft));
    QemuImg.succeed("rebase", "-u", "-b", "other.raw", "-F", "raw", path);
    HeaderDraft theirs = HeaderDraft.of(firstCluster(path, 65536));
    assertThat(theirs.extension(UNKNOWN)).as("QEMU keeps it, too").hasValue(data);
  }

  private static byte[] patched(Path path, HeaderDraft draft) throws Exception {
    byte[] file = Files.readAllBytes(path);
    System.arraycopy(draft.encode().array(), 0, file, 0, 65536);
    return file;
  }

  @Test
  void aLongerHeaderKeepsItsFields() throws Exception {
    Path path = directory.resolve("disk.qcow2");
    QemuImg.succeed("create", "-f", "qcow2", "-o", "cluster_size=4096", path, "1M");
    ByteBuffer cluster = firstCluster(path, 4096);
    cluster.putInt(HeaderField.HEADER_LENGTH, 136).putLong(128, 0x1122334455667788L);
    HeaderDraft draft = HeaderDraft.of(cluster);
    draft.backing("base", Optional.of("raw"));
    ByteBuffer out = draft.encode();
    assertThat(out.getLong(128)).isEqualTo(0x1122334455667788L);
    assertThat(out.getInt(136)).isEqualTo(HeaderExtension.BACKING_FORMAT);
  }

  @Test
  void whatDoesNotFitIsRefused() throws Exception {
    HeaderDraft draft = HeaderDraft.blank(3, new Geometry(9, 4));
    draft.backing("x".repeat(500), Optional.empty());
    assertThatThrownBy(draft::encode)
        .isInstanceOf(ImageFault.class)
        .hasMessage("No space left in the file header");
    assertThatThrownBy(() -> draft.backing("x".repeat(1024), Optional.empty()))
        .isInstanceOf(ImageFault.class);
  }
}
