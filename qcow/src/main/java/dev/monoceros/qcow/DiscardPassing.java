package dev.monoceros.qcow;

/**
 * For which of the clusters that become free the blocks go back to the host; QEMU's {@code
 * pass-discard-request}, {@code pass-discard-snapshot} and {@code pass-discard-other}.
 *
 * @param request clusters that the guest discards
 * @param snapshot clusters and tables that a change of the whole image frees, such as deleting a
 *     snapshot or shrinking; whatever {@link DiscardMode} says, as in QEMU
 * @param other clusters that are free because something else took their place
 */
public record DiscardPassing(boolean request, boolean snapshot, boolean other) {
  /** QEMU's where discarding is allowed at all. */
  public static final DiscardPassing DEFAULT = new DiscardPassing(true, true, false);
}
