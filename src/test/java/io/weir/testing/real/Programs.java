package io.weir.testing.real;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** Finds installed programs. */
public final class Programs {

  /**
   * Environment variable: with the value {@code 1} a missing program fails a test instead of
   * skipping it. Set where everything is known to be installed, so that nothing is skipped unseen.
   */
  public static final String REQUIRE = "WEIR_TEST_REQUIRE_PROGRAMS";

  /** Folders of daemons that the {@code PATH} of an ordinary user leaves out. */
  private static final List<String> DAEMON_FOLDERS =
      List.of("/usr/local/sbin", "/usr/sbin", "/sbin");

  private Programs() {}

  /**
   * Skips the running test unless all the programs are installed.
   *
   * @throws AssertionError instead of the skip, where {@value #REQUIRE} is {@code 1}
   */
  public static void require(String... names) {
    List<String> missing = Stream.of(names).filter(name -> find(name).isEmpty()).toList();
    if (missing.isEmpty()) {
      return;
    }
    skip("not installed: " + String.join(", ", missing));
  }

  /**
   * Skips the running test unless it runs as root, which container runtimes need to unpack layers.
   *
   * @throws AssertionError instead of the skip, where {@value #REQUIRE} is {@code 1}
   */
  public static void requireRoot() {
    boolean isRoot = Objects.equals(System.getProperty("user.name"), "root");
    if (!isRoot) {
      skip("not root");
    }
  }

  /**
   * Skips the running test.
   *
   * @throws AssertionError instead of the skip, where {@value #REQUIRE} is {@code 1}
   */
  public static void skip(String message) {
    if (Objects.equals(System.getenv(REQUIRE), "1")) {
      Assertions.fail(message + " (and " + REQUIRE + "=1 says that it has to be)");
    }
    Assumptions.abort(message);
  }

  /** The program's file, or empty where it is neither on the {@code PATH} nor with the daemons. */
  public static Optional<Path> find(String name) {
    return Stream.of(searchPath().split(File.pathSeparator))
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** The {@code PATH} of this process with the folders of daemons behind. */
  static String searchPath() {
    String inherited = Objects.requireNonNullElse(System.getenv("PATH"), "/usr/bin:/bin");
    return inherited + File.pathSeparator + String.join(File.pathSeparator, DAEMON_FOLDERS);
  }
}
