package io.weir.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/**
 * The file {@code pins}: patterns of images that stay whatever happens, one a line. Not in the
 * index, so that a lost index makes nothing leave. Used by one thread at a time.
 */
public final class PinFile {

  private final Path path;

  PinFile(Path path) {
    this.path = path;
  }

  /** The lines; none where there is no file. */
  public List<String> read() throws IOException {
    try {
      return Files.readAllLines(path).stream()
          .map(String::strip)
          .filter(line -> !line.isEmpty())
          .toList();
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }

  /** Replaces the lines, durably. */
  public void write(List<String> lines) throws IOException {
    StringBuilder content = new StringBuilder();
    lines.forEach(line -> content.append(line).append('\n'));
    Durable.replace(
        path,
        path.resolveSibling(path.getFileName() + ".new"),
        content.toString().getBytes(StandardCharsets.UTF_8));
  }
}
