package dev.monoceros.machine.boot;

/** How a kernel is entered. */
public enum BootProtocol {
  /** Linux's 64-bit boot protocol: long mode, boot_params. For every kernel that can be loaded. */
  LINUX,
  /** Xen's PVH: 32-bit protected mode, hvm_start_info. For kernels with the ELF note of it. */
  PVH
}
