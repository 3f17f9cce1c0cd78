package dev.monoceros.cli.tool;

import dev.monoceros.qcow.BackingPolicy;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.ImageFormat;
import dev.monoceros.qcow.OpenOptions;
import dev.monoceros.qcow.Operation;
import dev.monoceros.qcow.graph.BlockGraph;
import dev.monoceros.qcow.graph.GraphOptions;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * An image as the command line names it.
 *
 * @param name a path, {@code json:{...}} or, with {@code options}, QEMU's option text
 * @param format of {@code -f}
 * @param options whether {@code --image-opts} was given
 */
public record ImageName(String name, Optional<String> format, boolean options) {
  /** How qemu-img opens: any backing file, flushes in the order given. */
  public static OpenOptions forReading() {
    return OpenOptions.defaults().withReadOnly(true).withBacking(BackingPolicy.ALLOW);
  }

  /** The same for writing. */
  public static OpenOptions forWriting() {
    return OpenOptions.defaults().withBacking(BackingPolicy.ALLOW);
  }

  /**
   * Opens it.
   *
   * @throws ToolExit if it cannot be opened, with code 1; what is wrong has been said
   */
  public DiskImage open(Tool tool, OpenOptions open) {
    try {
      return tryOpen(tool, open);
    } catch (ImageException e) {
      String about = e.operation() == Operation.PARSE ? "" : "Could not open '" + name + "': ";
      ToolExit exit = tool.failure(about + Reason.of(e));
      e.hint().ifPresent(hint -> tool.errorText(hint + "\n"));
      throw exit;
    }
  }

  /** Opens it and leaves it to the caller to say why that failed. */
  public DiskImage tryOpen(Tool tool, OpenOptions open) throws ImageException {
    if (options && format.isPresent()) {
      throw tool.failure("--image-opts and --format are mutually exclusive");
    }
    GraphOptions graph =
        GraphOptions.defaults()
            .withThrottleGroups(tool.objects().throttleGroups())
            .withTime(tool.nanos(), ImageName::sleep)
            .withWarnings(tool::warning);
    DiskImage image =
        options
            ? BlockGraph.openOptions(name, open, graph)
            : BlockGraph.open(name, format, open, graph);
    warnOfProbedRaw(tool, image);
    return image;
  }

  private static void sleep(long nanoseconds) {
    try {
      TimeUnit.NANOSECONDS.sleep(nanoseconds);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void warnOfProbedRaw(Tool tool, DiskImage image) {
    boolean probed = format.isEmpty() && !options && !name.startsWith("json:");
    if (probed && image.format() == ImageFormat.RAW && !image.readOnly()) {
      tool.errorText(
          "WARNING: Image format was not specified for '"
              + name
              + "' and probing guessed raw.\n"
              + "         Automatically detecting the format is dangerous for raw images, write"
              + " operations on block 0 will be restricted.\n"
              + "         Specify the 'raw' format explicitly to remove the restrictions.\n");
    }
  }
}
