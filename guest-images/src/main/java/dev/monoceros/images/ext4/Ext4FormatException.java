package dev.monoceros.images.ext4;

import java.io.IOException;

/**
 * The bytes are no ext4 file system that this reader understands; the message completes "it has
 * ...".
 */
public final class Ext4FormatException extends IOException {
  private static final long serialVersionUID = 1L;

  Ext4FormatException(String message) {
    super(message);
  }
}
