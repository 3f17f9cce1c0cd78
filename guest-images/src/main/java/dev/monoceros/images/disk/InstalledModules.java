package dev.monoceros.images.disk;

import dev.monoceros.images.initramfs.KernelModules;
import dev.monoceros.images.tree.FileTree;
import java.util.List;

/**
 * Kernel modules as depmod leaves them on an installed system: {@code lib/modules/RELEASE} with
 * modules.dep.
 */
public final class InstalledModules {
  private InstalledModules() {}

  /**
   * Adds drivers with all they need.
   *
   * @param place where the tree keeps modules: {@code lib/modules/}, or {@code usr/lib/modules/}
   *     where /usr is merged
   */
  public static void add(
      FileTree.Builder tree, String place, KernelModules modules, String... drivers) {
    String directory = place + modules.release() + "/";
    StringBuilder dependencies = new StringBuilder();
    for (KernelModules.Module module : modules.forLoading(drivers)) {
      String path = "kernel/" + module.name() + ".ko";
      tree.file(directory + path, module.elf(), 0644);
      // depmod lists what is needed in the reverse of the loading order.
      List<String> needed =
          modules.withDependencies(module.name()).stream()
              .map(KernelModules.Module::name)
              .filter(name -> !name.equals(module.name()))
              .toList()
              .reversed();
      dependencies.append(path).append(':');
      needed.forEach(name -> dependencies.append(" kernel/").append(name).append(".ko"));
      dependencies.append('\n');
    }
    tree.file(directory + "modules.dep", dependencies.toString(), 0644);
    tree.file(directory + "modules.builtin", String.join("\n", modules.builtin()) + "\n", 0644);
  }
}
