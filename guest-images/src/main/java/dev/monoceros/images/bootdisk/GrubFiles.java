package dev.monoceros.images.bootdisk;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Files as GRUB names them: (hd0,gpt2)/vmlinuz, or without the device on the one that root names.
 */
final class GrubFiles implements GrubCondition.Files {
  private static final int MAX_FILE = 1 << 20;

  private final Volumes volumes;
  private final GrubVariables variables;

  GrubFiles(Volumes volumes, GrubVariables variables) {
    this.volumes = volumes;
    this.variables = variables;
  }

  @Override
  public boolean exists(String path, boolean withContent) throws IOException {
    Optional<Volume> volume = volumes.numbered(GrubCommand.partition(device(path)));
    if (volume.isEmpty()) {
      return false;
    }
    String name = withoutDevice(path);
    return withContent
        ? volume.get().files().read(name, MAX_FILE).filter(file -> file.length > 0).isPresent()
        : volume.get().file(name).isPresent();
  }

  /** Sets the variable that search is asked to set, to GRUB's name of a partition. */
  void search(List<String> words) throws IOException, NoKernelException {
    GrubCommand.Search search = GrubCommand.search(words);
    for (Volume volume : volumes.readable()) {
      boolean found =
          search.byUuid()
              ? volume.files().uuid().toString().equalsIgnoreCase(search.what())
              : volume.file(search.what()).isPresent();
      if (found) {
        variables.set(search.variable(), GrubCommand.device(volume.number()));
        return;
      }
    }
    // Menus also look for what holds a font; so it matters only when a kernel is wanted from there.
    variables.set(
        search.variable(),
        "the file system with %s %s"
            .formatted(search.byUuid() ? "the id" : "the file", search.what()));
  }

  /**
   * A file that is there.
   *
   * @throws NoKernelException saying why it is not
   */
  Volume.File file(String path) throws IOException, NoKernelException {
    String device = device(path);
    Optional<Volume> volume = volumes.numbered(GrubCommand.partition(device));
    if (volume.isEmpty()) {
      throw new NoKernelException(
          "it takes %s from %s, which is not on this disk or cannot be read here"
              .formatted(withoutDevice(path), device));
    }
    return volume
        .get()
        .file(withoutDevice(path))
        .orElseThrow(
            () ->
                new NoKernelException(
                    "it names %s, which is not on %s"
                        .formatted(withoutDevice(path), volume.get().device())));
  }

  private String device(String path) {
    int end = path.startsWith("(") ? path.indexOf(')') : -1;
    return end < 0 ? variables.get("root") : path.substring(1, end);
  }

  private static String withoutDevice(String path) {
    return path.replaceFirst("^\\([^)]*\\)", "");
  }
}
