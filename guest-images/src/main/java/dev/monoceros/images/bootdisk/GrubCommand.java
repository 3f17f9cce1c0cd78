package dev.monoceros.images.bootdisk;

import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** GRUB's commands that decide what boots, and how some of them are written. */
final class GrubCommand {
  private static final Set<String> DECISIVE =
      Set.of(
          "linux",
          "linux16",
          "linuxefi",
          "initrd",
          "initrd16",
          "initrdefi",
          "search",
          "search.fs_uuid",
          "search.file",
          "search.fs_label",
          "source",
          ".",
          "configfile",
          "normal",
          "blscfg",
          "chainloader",
          "multiboot",
          "multiboot2",
          "loopback",
          "cryptomount",
          "xen_hypervisor",
          "efi_chainloader",
          "freebsd",
          "kfreebsd",
          "legacy_configfile",
          "syslinux_configfile",
          "reboot",
          "halt",
          "exit");

  private static final Set<String> VARIABLES = Set.of("default", "root", "prefix");
  private static final Pattern ASSIGNMENT =
      Pattern.compile("([A-Za-z_][A-Za-z0-9_]*)=.*", Pattern.DOTALL);
  private static final Pattern PARTITION = Pattern.compile("hd0,(?:gpt|msdos)?(\\d{1,4})");

  private GrubCommand() {}

  /**
   * What a search looks for.
   *
   * @param byUuid by the file system's id, else by a file in it
   * @param what the id or the file
   * @param variable what is set to the partition found
   */
  record Search(boolean byUuid, String what, String variable) {}

  static boolean isAssignment(String word) {
    return ASSIGNMENT.matcher(word).matches();
  }

  static boolean matters(List<String> words) {
    if (words.isEmpty()) {
      return false;
    }
    String assigned =
        words.getFirst().equals("set") && words.size() > 1 ? words.get(1) : words.getFirst();
    Matcher assignment = ASSIGNMENT.matcher(assigned);
    return assignment.matches()
        ? VARIABLES.contains(assignment.group(1))
        : DECISIVE.contains(words.getFirst());
  }

  /** search --set=root --fs-uuid X, with hints and in all orders; search.fs_uuid X root hints. */
  static Search search(List<String> words) throws NoKernelException {
    String variable = "root";
    Boolean byUuid =
        switch (words.getFirst()) {
          case "search.fs_uuid" -> true;
          case "search.file" -> false;
          default -> null;
        };
    String what = "";
    for (int i = 1; i < words.size(); i++) {
      String word = words.get(i);
      if (word.equals("--fs-uuid") || word.equals("-u")) {
        byUuid = true;
      } else if (word.equals("--file") || word.equals("-f")) {
        byUuid = false;
      } else if (word.startsWith("--set=")) {
        variable = word.substring("--set=".length());
      } else if (word.equals("--hint")) {
        i++;
      } else if (!word.startsWith("-") && what.isEmpty()) {
        what = word;
      } else if (!word.startsWith("-") && words.getFirst().startsWith("search.")) {
        variable = word;
        break;
      }
    }
    if (byUuid == null || what.isEmpty()) {
      throw new NoKernelException(
          "the command '%s' is not understood here".formatted(String.join(" ", words)));
    }
    return new Search(byUuid, what, variable);
  }

  /** GRUB's name of a partition of the first disk, or of the disk. */
  static String device(int partition) {
    return partition == 0 ? "hd0" : "hd0," + partition;
  }

  /** The number in hd0,gpt2 or hd0,2; 0 for the whole disk, -1 for another device. */
  static int partition(String device) {
    Matcher matcher = PARTITION.matcher(device);
    if (matcher.matches()) {
      return Integer.parseInt(matcher.group(1));
    }
    return device.equals("hd0") ? 0 : -1;
  }
}
