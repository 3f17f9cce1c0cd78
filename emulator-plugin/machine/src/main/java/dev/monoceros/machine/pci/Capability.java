package dev.monoceros.machine.pci;

import java.nio.ByteBuffer;

/**
 * One entry of a function's capability list: where it lies, and what happens when it is touched.
 */
record Capability(int offset, ByteBuffer registers, CapabilityHook hook) {
  boolean overlaps(int start, int size) {
    return start < offset + registers.capacity() && offset < start + size;
  }

  void beforeRead(int start, int size) {
    hook.beforeRead(start - offset, size, registers);
  }

  void afterWrite(int start, int size) {
    hook.afterWrite(start - offset, size, registers);
  }
}
