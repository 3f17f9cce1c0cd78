package dev.monoceros.cli.options;

import dev.monoceros.machine.ConsoleScript;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** The file of a dialogue with the console. */
public final class ScriptFile {
  private static final long LARGEST = 1 << 20;

  private ScriptFile() {}

  /**
   * Reads it.
   *
   * @throws OptionException if there is none, or it cannot be understood
   */
  public static ConsoleScript read(String name) {
    Path file = Path.of(name);
    try {
      if (Files.size(file) > LARGEST) {
        throw new OptionException(name + " is larger than 1 MiB, so it is no script");
      }
      return ConsoleScript.parse(Files.readString(file), TimeSpan::parseNanos);
    } catch (NoSuchFileException e) {
      throw new OptionException(name + " does not exist");
    } catch (MalformedInputException e) {
      throw new OptionException(name + " is no text in UTF-8");
    } catch (IOException e) {
      throw new OptionException(name + " cannot be read: " + e.getMessage());
    } catch (ConsoleScript.SyntaxException e) {
      throw new OptionException(name + ", " + e.getMessage());
    }
  }
}
