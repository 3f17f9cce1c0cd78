package dev.monoceros.qcow.format;

/**
 * One header extension.
 *
 * @param type as in the image, unsigned 32 bits
 * @param offset of the data in the image file
 * @param length of the data in bytes
 */
public record HeaderExtension(int type, int offset, int length) {
  /** "End of the header extension area". */
  public static final int END = 0;

  public static final int BACKING_FORMAT = 0xe2792aca;

  public static final int FEATURE_NAMES = 0x6803f857;

  public static final int BITMAPS = 0x23852875;

  /** "Full disk encryption header pointer". */
  public static final int ENCRYPTION = 0x0537be77;

  /** Name of the external data file. */
  public static final int DATA_FILE = 0x44415441;

  /** Bytes of type and length before the data. */
  public static final int PREFIX = 8;
}
