package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.graph.BlkdebugRule.InjectError;
import dev.monoceros.qcow.graph.BlkdebugRule.IoType;
import dev.monoceros.qcow.graph.BlkdebugRule.SetState;
import dev.monoceros.qcow.graph.OptionReader.Known;
import dev.monoceros.qcow.graph.OptionReader.Type;
import dev.monoceros.qcow.io.BlockEvent;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the rules of {@code blkdebug} from its configuration file and from options. */
final class BlkdebugRules {
  private static final String INJECT_ERROR = "inject-error";
  private static final String SET_STATE = "set-state";
  private static final int SECTOR_BITS = 9;
  private static final int MAX_CONFIG = 1 << 20;

  private static final List<Known> INJECT_OPTIONS =
      OptionReader.all(
          OptionReader.known(Type.TEXT, "event", "iotype"),
          OptionReader.known(Type.NUMBER, "state", "errno", "sector"),
          OptionReader.known(Type.FLAG, "once", "immediately"));
  private static final List<Known> STATE_OPTIONS =
      OptionReader.all(
          OptionReader.known(Type.TEXT, "event"),
          OptionReader.known(Type.NUMBER, "state", "new_state"));

  private static final Pattern GROUP = Pattern.compile("\\[([^\\]\\s]{1,63}).*", Pattern.DOTALL);
  private static final Pattern ASSIGNMENT =
      Pattern.compile("\\s*(\\S{1,63})(?:\\s*=\\s*\"([^\"]{1,1023})\")?.*", Pattern.DOTALL);

  /** A section of the configuration. */
  private record Section(String group, OptionMap options) {}

  private BlkdebugRules() {}

  /**
   * All rules, those that inject errors first, as QEMU adds them.
   *
   * @param config name of the configuration file
   * @param options those of the node; the rules' are taken out
   */
  static List<BlkdebugRule> read(Optional<String> config, OptionMap options) throws ImageFault {
    List<Section> sections = new ArrayList<>();
    if (config.isPresent()) {
      for (Section section : parse(text(config.get()))) {
        checkKeys(section, "Invalid parameter '%s'");
        sections.add(section);
      }
    }
    for (String group : List.of(INJECT_ERROR, SET_STATE)) {
      for (OptionMap section : sections(group, options.takeBelow(group + "."))) {
        sections.add(new Section(group, section));
      }
    }
    List<BlkdebugRule> rules = new ArrayList<>();
    for (String group : List.of(INJECT_ERROR, SET_STATE)) {
      for (Section section : sections) {
        if (section.group().equals(group)) {
          rules.add(rule(section));
        }
      }
    }
    return rules;
  }

  private static String text(String config) throws ImageFault {
    try {
      if (Files.size(FileName.path(config)) > MAX_CONFIG) {
        throw unreadable(ErrorKind.BAD_OPTION, "File too large");
      }
      return Files.readString(FileName.path(config), StandardCharsets.ISO_8859_1);
    } catch (NoSuchFileException e) {
      throw unreadable(ErrorKind.NOT_FOUND, "No such file or directory");
    } catch (ImageFault e) {
      throw e;
    } catch (IOException e) {
      throw unreadable(ErrorKind.IO, "Input/output error");
    }
  }

  private static ImageFault unreadable(ErrorKind kind, String why) {
    return new ImageFault(
        kind, ImageFault.NO_OFFSET, "Could not read blkdebug config file: " + why);
  }

  private static List<Section> parse(String text) throws ImageFault {
    List<Section> sections = new ArrayList<>();
    for (String line : text.split("\n", -1)) {
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      if (line.startsWith("[")) {
        Matcher group = GROUP.matcher(line);
        String name = group.matches() ? group.group(1) : "";
        if (!name.equals(INJECT_ERROR) && !name.equals(SET_STATE)) {
          throw GraphFault.bad("There is no option group '" + name + "'");
        }
        sections.add(new Section(name, new OptionMap()));
        continue;
      }
      Matcher assignment = ASSIGNMENT.matcher(line);
      if (!assignment.matches()) {
        throw GraphFault.bad("parse error");
      }
      if (sections.isEmpty()) {
        throw GraphFault.bad("no group defined");
      }
      String value = assignment.group(2) == null ? "" : assignment.group(2);
      sections.getLast().options().put(assignment.group(1), value);
    }
    return sections;
  }

  private static List<Known> known(String group) {
    return group.equals(INJECT_ERROR) ? INJECT_OPTIONS : STATE_OPTIONS;
  }

  private static void checkKeys(Section section, String complaint) throws ImageFault {
    OptionMap copy = new OptionMap(section.options());
    OptionReader.absorb(copy, known(section.group()));
    if (!copy.isEmpty()) {
      throw GraphFault.bad(complaint.formatted(copy.firstKey()));
    }
  }

  /** One section without a number, or several that are numbered from 0. */
  private static List<OptionMap> sections(String group, OptionMap all) throws ImageFault {
    List<OptionMap> sections = new ArrayList<>();
    OptionMap single = new OptionMap();
    for (Known option : known(group)) {
      if (all.has(option.name())) {
        single.put(option.name(), all.remove(option.name()));
      }
    }
    if (!single.isEmpty()) {
      sections.add(single);
    }
    for (int i = 0; ; i++) {
      boolean scalar = all.has(String.valueOf(i));
      OptionMap section = all.takeBelow(i + ".");
      if (scalar) {
        throw GraphFault.bad(
            "[%s] section (index %d) does not consist of keys".formatted(group, i));
      }
      if (section.isEmpty()) {
        break;
      }
      checkKeys(
          new Section(group, section), "[" + group + "] section doesn't support the option '%s'");
      sections.add(section);
    }
    if (!all.isEmpty()) {
      throw GraphFault.bad("Unused option '" + all.firstKey() + "' for [" + group + "]");
    }
    return sections;
  }

  private static BlkdebugRule rule(Section section) throws ImageFault {
    OptionReader reader =
        OptionReader.absorb(new OptionMap(section.options()), known(section.group()));
    String name =
        reader.text("event").orElseThrow(() -> GraphFault.bad("Missing event name for rule"));
    BlockEvent event =
        BlockEvent.of(name).orElseThrow(() -> GraphFault.bad("invalid parameter value: " + name));
    long state = reader.number("state", 0);
    if (section.group().equals(SET_STATE)) {
      return new SetState(event, state, reader.number("new_state", 0));
    }
    long sector = reader.number("sector", -1);
    return new InjectError(
        event,
        state,
        types(reader.text("iotype")),
        (int) reader.number("errno", Errno.EIO),
        sector < 0 ? -1 : sector << SECTOR_BITS,
        reader.flag("once", false));
  }

  private static Set<IoType> types(Optional<String> name) throws ImageFault {
    if (name.isEmpty()) {
      return IoType.usual();
    }
    for (IoType type : IoType.values()) {
      if (type.name().toLowerCase(Locale.ROOT).replace('_', '-').equals(name.get())) {
        return EnumSet.of(type);
      }
    }
    throw GraphFault.bad("invalid parameter value: " + name.get());
  }
}
