package dev.monoceros.tests.support;

import dev.monoceros.images.Tool;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The bare-metal program of the folder {@code guest} of the test resources: C, compiled when a test
 * asks for it, that drives virtio block devices without an operating system. It enters by PVH and
 * takes its options from the command line; see its {@code main.c}.
 */
public final class GuestProgram {
  private static final int LOAD_ADDRESS = 16 << 20;
  private static final int ENTRY_BYTES = 4096;

  /** Its uninitialised data, which is not in the file. */
  private static final int MOST_BYTES = 8 << 20;

  private static final List<String> HEADERS =
      List.of("layout.h", "machine.h", "pci.h", "ring.h", "virtio.h", "disk.h");
  private static final List<String> ENTRY = List.of("pvh.S");
  private static final List<String> PROGRAM =
      List.of("entry.S", "main.c", "disk.c", "virtio.c", "ring.c", "pci.c", "machine.c");

  private GuestProgram() {}

  /** Compiles the program into a file that boots. */
  public static Path compile(Path directory) throws IOException {
    Path sources = Files.createDirectories(directory.resolve("guest"));
    for (List<String> names : List.of(HEADERS, ENTRY, PROGRAM)) {
      for (String name : names) {
        try (InputStream in = GuestProgram.class.getResourceAsStream("/guest/" + name)) {
          Files.write(sources.resolve(name), in.readAllBytes());
        }
      }
    }
    byte[] entry = flat(Guests.oracles().tcc32(), sources, ENTRY, LOAD_ADDRESS);
    byte[] program = flat(Guests.oracles().tcc(), sources, PROGRAM, LOAD_ADDRESS + ENTRY_BYTES);
    ByteArrayOutputStream image = new ByteArrayOutputStream();
    image.writeBytes(java.util.Arrays.copyOf(entry, ENTRY_BYTES));
    image.writeBytes(program);
    image.writeBytes(new byte[MOST_BYTES - image.size()]);
    return Files.write(
        directory.resolve("guest.elf"), StaticElf.of(LOAD_ADDRESS, image.toByteArray()));
  }

  private static byte[] flat(Tool compiler, Path sources, List<String> names, int address)
      throws IOException {
    Path output = sources.resolve(compiler.name() + ".bin");
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "-nostdlib",
                "-static",
                "-Wall",
                "-Werror",
                "-Wl,-Ttext=0x" + Integer.toHexString(address),
                "-Wl,-section-alignment=0x1000",
                "-Wl,--oformat=binary",
                "-o",
                output.toString()));
    for (String name : names) {
      arguments.add(sources.resolve(name).toString());
    }
    Images.output(compiler, arguments.toArray(String[]::new));
    return Files.readAllBytes(output);
  }
}
