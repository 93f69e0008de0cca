package io.weir.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Finds, reads and checks the configuration.
 *
 * <p>The first of these that is there counts: the file that the caller names, {@code $WEIR_CONFIG},
 * {@code ./weir.yaml}, {@code /etc/weir/weir.yaml}. Without any of them every key has its default.
 */
public final class ConfigLoader {

  private static final Path SYSTEM_FILE = Path.of("/etc/weir/weir.yaml");
  private static final String VARIABLE = "WEIR_CONFIG";

  private final Surroundings surroundings;

  public ConfigLoader(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  /**
   * A configuration and where it comes from.
   *
   * @param file the file that was read; empty where there is none and the defaults hold
   */
  public record Loaded(Config config, Optional<Path> file) {}

  /**
   * Reads the configuration from where it is. Reads no other file, and no secret.
   *
   * @param named the file that the user named, if any
   * @throws ConfigException with every problem, where it cannot be used
   */
  public Loaded load(Optional<Path> named, Overrides overrides) {
    Optional<Path> file = locate(named);
    if (file.isEmpty()) {
      return new Loaded(
          parse("", "the defaults", surroundings.workingDirectory(), overrides), file);
    }
    Path absolute = surroundings.workingDirectory().resolve(file.get()).normalize();
    Path base = Optional.ofNullable(absolute.getParent()).orElse(absolute);
    return new Loaded(
        parse(text(file.get(), absolute), file.get().toString(), base, overrides), file);
  }

  /**
   * Reads a configuration from its text.
   *
   * @param source what problems call the text
   * @param base the folder that relative paths in it are relative to
   * @throws ConfigException with every problem, where it cannot be used
   */
  public Config parse(String text, String source, Path base, Overrides overrides) {
    Problems problems = new Problems();
    Values values = new ConfigReader(source, base, problems).read(text);
    Config config = new ConfigAssembler(values, overrides, surroundings, problems).assemble();
    problems.throwIfAny();
    return config;
  }

  private Optional<Path> locate(Optional<Path> named) {
    return named
        .or(() -> surroundings.variable(VARIABLE).map(Path::of))
        .or(() -> Optional.of(Path.of("weir.yaml")).filter(this::exists))
        .or(() -> Optional.of(SYSTEM_FILE).filter(this::exists));
  }

  private boolean exists(Path file) {
    return Files.exists(surroundings.workingDirectory().resolve(file));
  }

  private static String text(Path file, Path absolute) {
    try {
      return Files.readString(absolute);
    } catch (NoSuchFileException e) {
      throw unreadable(file, "no such file", e);
    } catch (CharacterCodingException e) {
      throw unreadable(file, "not UTF-8", e);
    } catch (AccessDeniedException e) {
      throw unreadable(file, "permission denied", e);
    } catch (IOException e) {
      throw unreadable(file, "cannot be read: " + e.getMessage(), e);
    }
  }

  private static ConfigException unreadable(Path file, String why, IOException cause) {
    ConfigException exception = new ConfigException(List.of(file + ": " + why));
    exception.initCause(cause);
    return exception;
  }
}
