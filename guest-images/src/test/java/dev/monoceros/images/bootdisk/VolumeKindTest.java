package dev.monoceros.images.bootdisk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.images.disk.DiskSource;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a volume is called, compared with blkid of util-linux on the same bytes. */
class VolumeKindTest {
  private static final int SIZE = 1 << 20;

  @TempDir Path temporary;

  /** The fields that blkid wants to see beside the magic number, as offset:hexadecimal. */
  @ParameterizedTest
  @CsvSource({
    "LUKS, crypto_LUKS, 0:4c554b53babe0001",
    "SQUASHFS, squashfs, 0:68737173 1c:0400",
    "EROFS, erofs, 400:e2e1f5e0 40c:0c",
    "SWAP, swap, 400:01000000ff000000 ff6:53574150535041434532",
    "ISO9660, iso9660, 8000:014344303031010000 8050:80 8800:ff4344303031010000"
  })
  void theMagicNumberIsTheOneThatBlkidKnows(String kind, String blkidName, String fields)
      throws IOException, InterruptedException {
    Path file = write(fields);

    assertThat(kindOf(file)).isEqualTo(VolumeKind.valueOf(kind));
    assertThat(blkid(file)).isEqualTo(blkidName);
  }

  /** blkid also checks their checksums, so these come from the documentation of the formats. */
  @ParameterizedTest
  @CsvSource({
    "BTRFS, 10040:5f42485266535f4d",
    "RAID, 1000:fc4e2ba9",
    "LVM, 200:4c4142454c4f4e45 218:4c564d3220303031",
    "XFS, 0:58465342",
    "UNKNOWN, 0:00"
  })
  void othersAreToldByTheirMagicNumbers(String kind, String fields) throws IOException {
    assertThat(kindOf(write(fields))).isEqualTo(VolumeKind.valueOf(kind));
  }

  private Path write(String fields) throws IOException {
    byte[] volume = new byte[SIZE];
    for (String field : fields.split(" ")) {
      String[] parts = field.split(":");
      byte[] bytes = HexFormat.of().parseHex(parts[1]);
      System.arraycopy(bytes, 0, volume, Integer.parseInt(parts[0], 16), bytes.length);
    }
    return Files.write(temporary.resolve("volume"), volume);
  }

  private static VolumeKind kindOf(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      return VolumeKind.of(DiskSource.raw(channel));
    }
  }

  private static String blkid(Path file) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder("/sbin/blkid", "-p", "-o", "value", "-s", "TYPE", file.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return said.strip();
  }
}
