package io.weir.upstream;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** A credential helper: a shell script that counts how often it was run, and with what. */
final class HelperProgram {

  private final Path folder;
  private final Path program;

  /** A program of that name in a folder. */
  HelperProgram(Path folder, String name) {
    this.folder = folder;
    this.program = folder.resolve(name);
  }

  /** It does this, after it has noted its standard input. */
  HelperProgram does(String script) {
    write("asked=$(cat)\necho \"$asked\" >>'" + folder + "/asked'\n" + script);
    return this;
  }

  /** It knows this name and secret for every registry. */
  HelperProgram gives(String username, String secret) {
    return does(
        "echo '{\"ServerURL\":\"x\",\"Username\":\"%s\",\"Secret\":\"%s\"}'"
            .formatted(username, secret));
  }

  private void write(String script) {
    try {
      Path fresh = folder.resolve(program.getFileName() + ".new");
      Files.writeString(fresh, "#!/bin/sh\n" + script + "\n");
      Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwx------"));
      Files.move(fresh, program, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What it read from its standard input, run by run. */
  List<String> asked() {
    try {
      Path asked = folder.resolve("asked");
      return Files.exists(asked) ? Files.readAllLines(asked) : List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Path path() {
    return program;
  }
}
