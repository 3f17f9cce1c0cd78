package dev.monoceros.machine.block;

/** The open disks of a machine, a service for device plug-ins. */
@FunctionalInterface
public interface Disks {
  /**
   * A disk by its name.
   *
   * @param name the guest's name for it: vda
   * @throws IllegalArgumentException if the machine has none of that name
   */
  Disk disk(String name);
}
