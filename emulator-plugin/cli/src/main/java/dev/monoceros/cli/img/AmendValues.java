package dev.monoceros.cli.img;

import dev.monoceros.cli.tool.OptionValues;
import dev.monoceros.cli.tool.RefusedException;
import dev.monoceros.qcow.AmendOptions;
import java.util.List;
import java.util.Optional;

/** Turns the texts of {@code amend -o} into what the library changes. */
final class AmendValues {
  private static final List<String> ENCRYPTION =
      List.of(
          "encrypt.state",
          "encrypt.new-secret",
          "encrypt.old-secret",
          "encrypt.keyslot",
          "encrypt.iter-time");

  private AmendValues() {}

  static AmendOptions options(OptionValues values) throws RefusedException {
    Optional<Integer> version = Optional.empty();
    Optional<String> compat = values.text(FormatOptions.COMPAT);
    if (compat.isPresent()) {
      version = Optional.of(version(compat.get()));
    }
    for (String option : ENCRYPTION) {
      if (values.has(option)) {
        throw new RefusedException("Can't amend encryption options - encryption not present");
      }
    }
    return new AmendOptions(
        version,
        values.number(FormatOptions.SIZE).filter(size -> size != 0),
        Optional.empty(),
        values.flag(FormatOptions.LAZY_REFCOUNTS),
        values
            .number(FormatOptions.REFCOUNT_BITS)
            .map(bits -> (int) Math.clamp(bits, -1, Integer.MAX_VALUE)),
        values.text(FormatOptions.DATA_FILE),
        values.flag(FormatOptions.DATA_FILE_RAW));
  }

  private static int version(String compat) throws RefusedException {
    try {
      return CreateValues.version(compat);
    } catch (RefusedException e) {
      throw new RefusedException("Unknown compatibility level " + compat);
    }
  }
}
