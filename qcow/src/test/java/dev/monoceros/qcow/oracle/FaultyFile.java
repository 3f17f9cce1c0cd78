package dev.monoceros.qcow.oracle;

import java.io.IOException;
import java.util.Arrays;

/** Fails chosen accesses as a host does; a failing write may leave its first half behind. */
public final class FaultyFile extends MemoryFile {
  private int accesses;
  private int failAt = Integer.MAX_VALUE;
  private int failures = 1;
  private String message = "Input/output error";
  private boolean fired;

  public FaultyFile(byte[] initial) {
    super(initial);
  }

  /** The {@code n}-th access from now, and {@code count - 1} after it, will fail. */
  public void failAfter(int n, int count, String errno) {
    accesses = 0;
    failAt = n;
    failures = count;
    message = errno;
    fired = false;
  }

  /** No access fails any more. */
  public void heal() {
    failAt = Integer.MAX_VALUE;
  }

  /** True if an access failed since {@link #failAfter}. */
  public boolean fired() {
    return fired;
  }

  @Override
  protected void before(String access, long position, int length) throws IOException {
    int number = accesses++;
    if (number < failAt || number >= failAt + failures) {
      return;
    }
    fired = true;
    throw new IOException(message);
  }

  @Override
  protected void failedWrite(long position, byte[] data) {
    apply(position, Arrays.copyOf(data, data.length / 2));
  }
}
