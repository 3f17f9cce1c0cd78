package dev.monoceros.qcow;

import dev.monoceros.qcow.format.LuksHeader;
import java.util.List;
import java.util.Optional;

/**
 * What the LUKS header of an encrypted image says, with the fields and names of {@code qemu-img
 * info}.
 *
 * @param cipher with the length of its key in bits, as {@code aes-256}
 * @param ivgenHash only where the generator needs one
 * @param payloadOffset in bytes, from the start of the LUKS header
 */
public record LuksInfo(
    String cipher,
    String mode,
    String ivgen,
    Optional<String> ivgenHash,
    String hash,
    long payloadOffset,
    long masterKeyIterations,
    String uuid,
    List<Slot> slots) {
  /**
   * A place for a password; what it takes to unlock is said only of one in use.
   *
   * @param keyOffset in bytes, from the start of the LUKS header
   */
  public record Slot(boolean active, long iterations, long keyOffset, long stripes) {}

  public LuksInfo {
    slots = List.copyOf(slots);
  }

  static LuksInfo of(LuksHeader header) {
    return new LuksInfo(
        header.cipher(),
        header.mode(),
        header.ivgen(),
        header.ivgenHash(),
        header.hash(),
        header.payloadOffset(),
        header.masterKeyIterations(),
        header.uuid(),
        header.slots().stream()
            .map(s -> new Slot(s.active(), s.iterations(), s.keyOffset(), s.stripes()))
            .toList());
  }
}
