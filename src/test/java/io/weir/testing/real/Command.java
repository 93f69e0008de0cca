package io.weir.testing.real;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A command line with its environment. Immutable: the {@code with} methods return a copy.
 *
 * <p>The environment is a new one, not that of the test: {@code PATH}, a locale, a {@code HOME} and
 * {@code TMPDIR} where given, and a proxy at a port where nothing listens. Go programs do not use a
 * proxy for loopback, so everything else fails with "connection refused" within milliseconds; a
 * runtime that falls back from its mirror to the real registry cannot hide that the mirror failed.
 */
public record Command(List<String> line, Map<String, String> environment, Duration limit) {

  /** Port 1 (tcpmux) of loopback: nothing listens there. */
  static final String NOWHERE = "http://127.0.0.1:1";

  private static final Duration DEFAULT_LIMIT = Duration.ofSeconds(60);

  public Command {
    line = List.copyOf(line);
    environment = Map.copyOf(environment);
  }

  /** The program, searched as {@link Programs#find} does, with its arguments. */
  public static Command of(String program, String... arguments) {
    List<String> line = new ArrayList<>();
    line.add(Programs.find(program).map(Path::toString).orElse(program));
    line.addAll(Arrays.asList(arguments));
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("PATH", Programs.searchPath());
    environment.put("LANG", "C.UTF-8");
    for (String proxy : List.of("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")) {
      environment.put(proxy, NOWHERE);
    }
    for (String direct : List.of("NO_PROXY", "no_proxy")) {
      environment.put(direct, "127.0.0.0/8,localhost");
    }
    return new Command(line, environment, DEFAULT_LIMIT);
  }

  /** Adds arguments at the end. */
  public Command with(String... arguments) {
    List<String> longer = new ArrayList<>(line);
    longer.addAll(Arrays.asList(arguments));
    return new Command(longer, environment, limit);
  }

  /** Sets an environment variable. */
  public Command withVariable(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(environment);
    more.put(name, value);
    return new Command(line, more, limit);
  }

  /** Makes {@code folder} the home and the place of temporary files. */
  public Command withHome(Path folder) {
    return withVariable("HOME", folder.toString()).withVariable("TMPDIR", folder.toString());
  }

  /** Sets how long {@link #run} waits; 60 s if this is not called. */
  public Command within(Duration newLimit) {
    return new Command(line, environment, newLimit);
  }

  /**
   * Runs the command to its end, whatever that is. No process that it started outlives the call.
   *
   * @throws AssertionError if it takes longer than its limit, with what it printed until then
   */
  public Outcome run() {
    try {
      return runCapturing();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot run " + this, e);
    }
  }

  private Outcome runCapturing() throws IOException {
    // Files, not pipes: a grandchild that keeps a pipe open would block the reader.
    Path output = Files.createTempFile("weir-command-", ".out");
    Path errors = Files.createTempFile("weir-command-", ".err");
    try {
      long started = System.nanoTime();
      Process process =
          builder().redirectOutput(output.toFile()).redirectError(errors.toFile()).start();
      boolean ended;
      try {
        ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted while waiting for " + this, e);
      } finally {
        ProcessTree.of(process).stop(Duration.ZERO);
      }
      Outcome outcome =
          new Outcome(
              this,
              ended ? process.exitValue() : -1,
              Files.readString(output, StandardCharsets.UTF_8),
              Files.readString(errors, StandardCharsets.UTF_8),
              Duration.ofNanos(System.nanoTime() - started));
      if (!ended) {
        throw new AssertionError("still running after " + limit + ": " + outcome);
      }
      return outcome;
    } finally {
      Files.deleteIfExists(output);
      Files.deleteIfExists(errors);
    }
  }

  /** A builder of the process: this line and exactly this environment. */
  ProcessBuilder builder() {
    ProcessBuilder builder = new ProcessBuilder(line);
    builder.environment().clear();
    builder.environment().putAll(environment);
    return builder;
  }

  /** The line as it would be typed, without the environment. */
  @Override
  public String toString() {
    return String.join(" ", line);
  }

  /**
   * How a command ended.
   *
   * @param exitCode what it returned; 128 + N if signal N ended it
   * @param output what it wrote to its standard output
   * @param errors what it wrote to its standard error
   */
  public record Outcome(
      Command command, int exitCode, String output, String errors, Duration took) {

    /** Whether it returned 0. */
    public boolean ok() {
      return exitCode == 0;
    }

    /**
     * This outcome, if the command returned 0.
     *
     * @throws AssertionError with the command line and all that it printed, if it did not
     */
    public Outcome orFail() {
      if (!ok()) {
        throw new AssertionError(toString());
      }
      return this;
    }

    /** The output without the white space around it. */
    public String text() {
      return output.strip();
    }

    @Override
    public String toString() {
      return "%s%nreturned %d after %d ms%n--- stdout%n%s%n--- stderr%n%s"
          .formatted(command, exitCode, took.toMillis(), output.strip(), errors.strip());
    }
  }
}
