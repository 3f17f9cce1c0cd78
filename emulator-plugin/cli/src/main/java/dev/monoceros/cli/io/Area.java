package dev.monoceros.cli.io;

import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import java.nio.ByteBuffer;

/** Where the bytes of a request are. */
enum Area {
  /** The virtual disk. */
  DISK {
    @Override
    void read(DiskImage image, long offset, ByteBuffer target) throws ImageException {
      image.read(offset, target);
    }

    @Override
    void write(DiskImage image, long offset, ByteBuffer source) throws ImageException {
      image.write(offset, source);
    }
  },
  /** The machine state that a QCOW2 image keeps behind the disk. */
  VM_STATE {
    @Override
    void read(DiskImage image, long offset, ByteBuffer target) throws ImageException {
      image.readVmState(offset, target);
    }

    @Override
    void write(DiskImage image, long offset, ByteBuffer source) throws ImageException {
      image.writeVmState(offset, source);
    }
  },
  /** The virtual disk, in compressed clusters. */
  COMPRESSED {
    @Override
    void read(DiskImage image, long offset, ByteBuffer target) throws ImageException {
      image.read(offset, target);
    }

    @Override
    void write(DiskImage image, long offset, ByteBuffer source) throws ImageException {
      image.writeCompressed(offset, source);
    }
  };

  /** Fills {@code target}. */
  abstract void read(DiskImage image, long offset, ByteBuffer target) throws ImageException;

  /** Writes all of {@code source}. */
  abstract void write(DiskImage image, long offset, ByteBuffer source) throws ImageException;
}
