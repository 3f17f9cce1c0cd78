package dev.monoceros.cli.tool;

import dev.monoceros.qcow.graph.ThrottleGroup;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What {@code --object} has made in a process; every image that is opened there may name it. */
public final class MadeObjects {
  private final Set<String> ids = new HashSet<>();
  private final List<ThrottleGroup> throttleGroups = new ArrayList<>();

  /** False if there is one of that name. */
  boolean add(String id) {
    return ids.add(id);
  }

  void add(ThrottleGroup group) {
    throttleGroups.add(group);
  }

  /** Groups that were made so far, for throttle drivers to name. */
  public List<ThrottleGroup> throttleGroups() {
    return List.copyOf(throttleGroups);
  }
}
