package dev.monoceros.cli.tool;

import dev.monoceros.cli.tool.OptionTable.Option;
import dev.monoceros.cli.tool.OptionTable.Type;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What the user gave with {@code -o}; the last value of a name counts. */
public final class OptionValues {
  private static final BigInteger LIMIT = BigInteger.ONE.shiftLeft(Long.SIZE);

  private record Value(String text, long number) {}

  private final OptionTable table;
  private final Map<String, Value> values = new LinkedHashMap<>();

  /** None given yet. */
  public OptionValues(OptionTable table) {
    this.table = table;
  }

  /** Reads {@code a=b,c,nod}: a name alone is on, and off after {@code no}. */
  public void parse(String text) throws RefusedException {
    int at = 0;
    while (at < text.length()) {
      int end = at;
      while (end < text.length() && text.charAt(end) != '=' && text.charAt(end) != ',') {
        end++;
      }
      String name = text.substring(at, end);
      if (end < text.length() && text.charAt(end) == '=') {
        KeyValues.Value value = KeyValues.value(text, end + 1);
        set(name, value.text());
        at = value.next();
      } else {
        if (name.startsWith("no")) {
          set(name.substring(2), "off");
        } else {
          set(name, "on");
        }
        at = end + 1;
      }
    }
  }

  /** Sets one value. */
  public void set(String name, String text) throws RefusedException {
    Option option =
        table
            .find(name)
            .orElseThrow(() -> new RefusedException("Invalid parameter '" + name + "'"));
    long number =
        switch (option.type()) {
          case STRING -> 0;
          case BOOL -> bool(name, text) ? 1 : 0;
          case NUMBER -> number(name, text);
          case SIZE -> size(name, text);
        };
    values.remove(name);
    values.put(name, new Value(text, number));
  }

  private static boolean bool(String name, String text) throws RefusedException {
    return switch (text) {
      case "on", "yes", "true", "y" -> true;
      case "off", "no", "false", "n" -> false;
      default -> throw new RefusedException("Parameter '" + name + "' expects 'on' or 'off'");
    };
  }

  private static long number(String name, String text) throws RefusedException {
    String digits = text.strip();
    boolean negative = digits.startsWith("-");
    digits = negative || digits.startsWith("+") ? digits.substring(1) : digits;
    int radix = 10;
    if (digits.startsWith("0x") || digits.startsWith("0X")) {
      radix = 16;
      digits = digits.substring(2);
    } else if (digits.length() > 1 && digits.startsWith("0")) {
      radix = 8;
    }
    try {
      BigInteger value = new BigInteger(digits, radix);
      if (digits.startsWith("-") || digits.startsWith("+")) {
        throw new NumberFormatException();
      }
      if (value.compareTo(LIMIT) >= 0) {
        throw new RefusedException(
            "Value '" + text + "' is too large for parameter '" + name + "'");
      }
      return (negative ? value.negate() : value).longValue();
    } catch (NumberFormatException e) {
      throw new RefusedException("Parameter '" + name + "' expects a number");
    }
  }

  /** Reads a size and says what is wrong with it in the words of QEMU's options. */
  public static long size(String name, String text) throws RefusedException {
    ByteCount.Parsed parsed = ByteCount.parse(text, 'B');
    return switch (parsed.outcome()) {
      case OK -> parsed.value();
      case OUT_OF_RANGE ->
          throw new RefusedException(
              "Value '" + text + "' is out of range for parameter '" + name + "'");
      case INVALID ->
          throw new RefusedException(
              "Parameter '" + name + "' expects a non-negative number below 2^64",
              "Optional suffix k, M, G, T, P or E means kilo-, mega-, giga-, tera-, peta-\n"
                  + "and exabytes, respectively.\n");
    };
  }

  /** The text given for a name. */
  public Optional<String> text(String name) {
    return Optional.ofNullable(values.get(name)).map(Value::text);
  }

  /** The number or size given for a name. */
  public Optional<Long> number(String name) {
    return Optional.ofNullable(values.get(name)).map(Value::number);
  }

  /** The truth value given for a name. */
  public Optional<Boolean> flag(String name) {
    return number(name).map(n -> n != 0);
  }

  /** Whether anything was given for a name. */
  public boolean has(String name) {
    return values.containsKey(name);
  }

  /** {@code a=b c=d}: what was given and what is assumed, in the order of the table. */
  public String shown() {
    StringBuilder text = new StringBuilder();
    for (Option option : table.options()) {
      Value value = values.get(option.name());
      String shown = value == null ? option.initial().orElse(null) : show(option.type(), value);
      if (shown != null) {
        text.append(text.isEmpty() ? "" : " ").append(option.name()).append('=').append(shown);
      }
    }
    return text.toString();
  }

  private static String show(Type type, Value value) {
    return switch (type) {
      case STRING -> value.text().replace(",", ",,");
      case BOOL -> value.text();
      case NUMBER, SIZE -> Long.toString(value.number());
    };
  }

  /** Whether a list of options asks for help ({@code help} or {@code ?}). */
  public static boolean asksForHelp(String text) {
    for (String part : KeyValues.split(text)) {
      if (part.equals("help") || part.equals("?")) {
        return true;
      }
    }
    return false;
  }

  /** Whether text can be one of several {@code -o} that are joined by commas. */
  public static boolean isList(String text) {
    if (text.isEmpty() || text.startsWith(",") && !text.startsWith(",,")) {
      return false;
    }
    int commas = 0;
    while (commas < text.length() && text.charAt(text.length() - 1 - commas) == ',') {
      commas++;
    }
    return commas % 2 == 0;
  }
}
