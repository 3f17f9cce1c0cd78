/** The PC around the CPU: buses, chipset, PCI, boot loading, block devices. */
module dev.monoceros.machine {
  requires dev.monoceros.qcow;
  requires dev.monoceros.unicorn;
  requires dev.monoceros.virtio;
  requires com.github.luben.zstd_jni;
  requires org.apache.commons.compress;
  requires org.apache.commons.io;
  requires org.lz4.java;
  requires org.tukaani.xz;

  exports dev.monoceros.machine;
  exports dev.monoceros.machine.block;
  exports dev.monoceros.machine.boot;
  exports dev.monoceros.machine.bus;
  exports dev.monoceros.machine.chipset;
  exports dev.monoceros.machine.chipset.acpi;
  exports dev.monoceros.machine.cpu;
  exports dev.monoceros.machine.pci;
  exports dev.monoceros.machine.plugin;
  exports dev.monoceros.machine.time;
  exports dev.monoceros.machine.virtio;

  uses dev.monoceros.machine.plugin.DevicePlugin;

  provides dev.monoceros.machine.plugin.DevicePlugin with
      dev.monoceros.machine.block.VirtioBlkPlugin,
      dev.monoceros.machine.virtio.VirtioRngPlugin;
}
