package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.Operation;
import dev.monoceros.qcow.graph.ThrottleLimits.Rate;
import dev.monoceros.qcow.graph.ThrottleLimits.Rates;
import dev.monoceros.qcow.io.ImageFault;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Reads {@code --object throttle-group,id=...} as qemu-img and qemu-io take it. */
public final class ThrottleObject {
  private static final String TYPE = "qom-type";
  private static final String ID = "id";
  private static final String LIMITS = "limits.";
  private static final String OBSOLETE = "x-";
  private static final long MAX_RATE = 1_000_000_000_000_000L;
  private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z][-._A-Za-z0-9]*");
  private static final Pattern INTEGER = Pattern.compile("[-+]?[0-9]{1,19}");

  private final OptionMap map;
  private final boolean json;

  private ThrottleObject(OptionMap map, boolean json) {
    this.map = map;
    this.json = json;
  }

  /**
   * @param text keys and values, or a JSON object
   * @throws ImageException BAD_OPTION, with QEMU's sentence, which stands alone
   */
  public static ThrottleGroup parse(String text) throws ImageException {
    try {
      return read(text).group();
    } catch (ImageFault e) {
      throw ImageException.of(text, Operation.PARSE, e);
    }
  }

  private static ThrottleObject read(String text) throws ImageFault {
    if (text.startsWith("{")) {
      if (JsonReader.read(text) instanceof OptionValue.Tree(OptionMap map)) {
        return new ThrottleObject(map.flattened(), true);
      }
      throw GraphFault.bad("Invalid JSON object given");
    }
    return new ThrottleObject(OptionText.parseWithFirst(TYPE, text), false);
  }

  private ThrottleGroup group() throws ImageFault {
    String type = OptionReader.textOf(take(TYPE));
    if (!"throttle-group".equals(type)) {
      throw GraphFault.bad("Parameter 'qom-type' does not accept value '" + type + "'");
    }
    if (!map.has(ID)) {
      throw GraphFault.bad("Parameter 'id' is missing");
    }
    String id = OptionReader.textOf(take(ID));
    if (id == null || !IDENTIFIER.matcher(id).matches()) {
      throw OptionText.notAnIdentifier();
    }
    Rates bytes = rates("bps");
    Rates operations = rates("iops");
    long unit = number("iops-size", 0);
    if (!map.isEmpty()) {
      throw GraphFault.bad("Parameter '" + map.firstKey() + "' is unexpected");
    }
    check(bytes, operations, unit);
    return new ThrottleGroup(id, new ThrottleLimits(bytes, operations, unit));
  }

  private OptionValue take(String key) {
    OptionValue value = map.remove(key);
    return value == null ? new OptionValue.Null() : value;
  }

  private Rates rates(String kind) throws ImageFault {
    return new Rates(rate(kind + "-total"), rate(kind + "-read"), rate(kind + "-write"));
  }

  private Rate rate(String name) throws ImageFault {
    return new Rate(number(name, 0), number(name + "-max", 0), number(name + "-max-length", 1));
  }

  /** {@code limits.NAME}, or under its older name {@code x-NAME}. */
  private long number(String name, long otherwise) throws ImageFault {
    long result = otherwise;
    for (String key : List.of(OBSOLETE + name, LIMITS + name)) {
      OptionValue value = map.remove(key);
      if (value != null) {
        result = integer(key, value);
      }
    }
    if (result < 0) {
      throw GraphFault.bad("Property values cannot be negative");
    }
    return result;
  }

  private long integer(String key, OptionValue value) throws ImageFault {
    if (json && !(value instanceof OptionValue.Number)) {
      throw GraphFault.bad("Invalid parameter type for '" + key + "', expected: integer");
    }
    String text = OptionReader.textOf(value);
    if (text == null || !INTEGER.matcher(text).matches()) {
      throw GraphFault.bad("Parameter '" + key + "' expects integer");
    }
    BigInteger number = new BigInteger(text);
    if (number.bitLength() >= Long.SIZE) {
      throw GraphFault.bad("Parameter '" + key + "' expects integer");
    }
    return number.longValue();
  }

  /** In the order of QEMU's {@code throttle_is_valid}. */
  private static void check(Rates bytes, Rates operations, long unit) throws ImageFault {
    if (bytes.contradictory() || operations.contradictory()) {
      throw GraphFault.bad(
          "bps/iops/max total values and read/write values cannot be used at the same time");
    }
    if (unit > 0 && !operations.limited()) {
      throw GraphFault.bad("iops size requires an iops value to be set");
    }
    List<Rate> rates = new ArrayList<>();
    for (Rates r : List.of(bytes, operations)) {
      rates.addAll(List.of(r.total(), r.read(), r.write()));
    }
    for (Rate rate : rates) {
      check(rate);
    }
  }

  private static void check(Rate rate) throws ImageFault {
    if (rate.average() > MAX_RATE || rate.burst() > MAX_RATE) {
      throw GraphFault.bad("bps/iops/max values must be within [0, " + MAX_RATE + "]");
    }
    if (rate.burstSeconds() == 0) {
      throw GraphFault.bad("the burst length cannot be 0");
    }
    if (rate.burstSeconds() > 1 && rate.burst() == 0) {
      throw GraphFault.bad("burst length set without burst rate");
    }
    if (rate.burst() > 0 && rate.burstSeconds() > MAX_RATE / rate.burst()) {
      throw GraphFault.bad("burst length too high for this burst rate");
    }
    if (rate.burst() > 0 && rate.average() == 0) {
      throw GraphFault.bad("bps_max/iops_max require corresponding bps/iops values");
    }
    if (rate.burst() > 0 && rate.burst() < rate.average()) {
      throw GraphFault.bad("bps_max/iops_max cannot be lower than bps/iops");
    }
  }
}
