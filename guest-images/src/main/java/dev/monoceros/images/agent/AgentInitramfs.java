package dev.monoceros.images.agent;

import dev.monoceros.images.initramfs.KernelModules;
import dev.monoceros.images.tree.FileTree;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The initramfs that runs one command: busybox, drivers, the agent's scripts, and the command as a
 * script of its own, so that its words are limited by the kernel's limits for arguments alone.
 */
public final class AgentInitramfs {
  private static final String DRIVERS = "lib/modules/";

  private AgentInitramfs() {}

  /**
   * Makes it.
   *
   * @param busybox static, with the applets of Debian's
   * @param modules the kernel's, or empty if the drivers are built in
   * @param drivers wanted of the modules
   * @throws dev.monoceros.images.ImagesException BAD_INPUT naming a driver that the modules lack
   */
  public static FileTree tree(
      Path busybox, Optional<KernelModules> modules, GuestCommand command, String... drivers) {
    FileTree.Builder tree =
        FileTree.builder()
            .file("bin/busybox", busybox, 0755)
            .directory("dev")
            .directory("proc")
            .directory("root")
            .characterDevice("dev/console", 5, 1, 0600)
            .file("init", resource("agent-init.sh"), 0755)
            .file("agent/copy", resource("copy.sh"), 0644)
            .file("agent/fstab", resource("fstab"), 0644)
            .file("agent/settings", settings(command), 0644)
            .file("agent/launch", bytes(launch(command)), 0644);
    List<String> copies = command.copies();
    for (int i = 0; i < copies.size(); i++) {
      tree.file("agent/copy-" + (i + 1), bytes(copies.get(i)), 0644);
    }
    StringBuilder order = new StringBuilder();
    if (modules.isPresent()) {
      for (KernelModules.Module module : modules.get().forLoading(drivers)) {
        tree.file(DRIVERS + module.name() + ".ko", module.elf(), 0644);
        order.append(module.name()).append('\n');
      }
    }
    return tree.file("etc/modules", order.toString(), 0644).build();
  }

  private static String settings(GuestCommand command) {
    StringBuilder text = new StringBuilder();
    text.append("mode=").append(command.writable() ? "rw" : "ro").append('\n');
    text.append("copies=").append(command.copies().size()).append('\n');
    text.append("disk=").append((char) ('a' + command.copyDisk())).append('\n');
    switch (command.input()) {
      case GuestCommand.Input.None none -> text.append("stdin=none\nterm=dumb\n");
      case GuestCommand.Input.Stream stream -> text.append("stdin=stream\nterm=dumb\n");
      case GuestCommand.Input.Terminal terminal ->
          text.append("stdin=terminal\nterm=")
              .append(quoted(terminal.type()))
              .append("\nrows=")
              .append(terminal.rows())
              .append("\ncolumns=")
              .append(terminal.columns())
              .append("\nstderr=")
              .append(terminal.errorsApart() ? "apart" : "terminal")
              .append('\n');
    }
    return text.toString();
  }

  private static String launch(GuestCommand command) {
    StringBuilder text = new StringBuilder("set --");
    command.words().forEach(word -> text.append(' ').append(quoted(word)));
    text.append('\n');
    command
        .environment()
        .forEach(
            (name, value) ->
                text.append("export ").append(name).append('=').append(quoted(value)).append('\n'));
    String directory = quoted(command.directory());
    text.append("cd ")
        .append(directory)
        .append(" 2>/dev/null || {\n  echo ")
        .append(quoted("monoceros: "))
        .append(directory)
        .append("': is no directory in the guest' >&2\n  exit 126\n}\n");
    return text.append(resource("launch.sh")).toString();
  }

  /** As one word of a shell, whatever bytes it has: XCU 2.2.2, single quotes. */
  private static String quoted(String word) {
    return "'" + word.replace("'", "'\\''") + "'";
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String resource(String name) {
    try (InputStream stream = AgentInitramfs.class.getResourceAsStream(name)) {
      return new String(stream.readAllBytes(), StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new IllegalStateException("the module lacks its resource " + name, e);
    }
  }
}
