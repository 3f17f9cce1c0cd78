package dev.monoceros.images.distro;

import dev.monoceros.images.Progress;
import dev.monoceros.images.StoredPackage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads from what dpkg says how far an installation is: each package counts half its size when it
 * is unpacked and half when it is set up.
 */
final class InstallProgress {
  private static final Pattern STEP =
      Pattern.compile("(?:Unpacking|Setting up) ([a-z0-9+.-]+)\\b.*");

  private final Progress progress;
  private final String subject;
  private final Map<String, Long> sizes = new HashMap<>();
  private final long total;
  private long doubled;

  InstallProgress(Progress progress, String subject, List<StoredPackage> packages) {
    this.progress = progress;
    this.subject = subject;
    packages.forEach(one -> sizes.put(one.info().name(), one.info().size()));
    this.total = sizes.values().stream().mapToLong(Long::longValue).sum();
    progress.update(Progress.Phase.BUILD, subject, 0, total);
  }

  void line(String line) {
    Matcher step = STEP.matcher(line);
    if (step.matches()) {
      doubled += sizes.getOrDefault(step.group(1), 0L);
      // Essential packages are unpacked twice.
      progress.update(Progress.Phase.BUILD, subject, Math.min(doubled / 2, total), total);
    }
  }
}
