package io.weir.testing.real;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A program that keeps running: started, waited for until it serves, stopped with everything it
 * started. It can be started again after {@link #stop}, in the same folder and on the same port.
 *
 * <p>What it prints goes to {@code stdout.log} and {@code stderr.log} in its folder, and into the
 * message when it does not come up; {@link RealTest} shows it when a test fails. If the JVM ends
 * first, all daemons are killed with it.
 *
 * <p>Not thread-safe: one thread starts and stops.
 */
public abstract class Daemon implements AutoCloseable {

  private static final Duration START_LIMIT = Duration.ofSeconds(30);
  private static final Duration STOP_GRACE = Duration.ofSeconds(10);
  private static final int SHOWN_LINES = 60;

  private static final Set<Daemon> RUNNING = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .name("kill-test-daemons")
                .unstarted(() -> RUNNING.forEach(Daemon::close)));
  }

  private final String name;
  private final Scratch folder;
  private @Nullable Process process;
  private long outputStart;
  private long errorsStart;

  /** Does not start anything yet. The folder is removed by {@link #close}. */
  protected Daemon(String name) {
    this.name = name;
    this.folder = Scratch.folder(name);
  }

  /** What to run, in the foreground. Asked at every start. */
  protected abstract Command command();

  /** Whether it serves. Asked again and again while it starts; an exception means "not yet". */
  protected abstract boolean ready() throws Exception;

  /**
   * Starts the program and returns when it is {@link #ready}.
   *
   * @throws AssertionError with the end of its log, if it ends or is not ready within 30 s
   */
  public final void start() {
    launch();
    Process started = process();
    Await.until(START_LIMIT, () -> !started.isAlive() || ready());
    if (!started.isAlive() || !readyNow()) {
      String state = started.isAlive() ? "is not ready" : "ended with " + started.exitValue();
      stop();
      throw new AssertionError("%s %s: %s%n%s".formatted(name, state, command(), logs()));
    }
  }

  /** Starts the program and returns at once. */
  public final void launch() {
    if (isRunning()) {
      throw new IllegalStateException(name + " runs already");
    }
    try {
      outputStart = size(outputLog());
      errorsStart = size(errorLog());
      process =
          command()
              .builder()
              .directory(folder.path().toFile())
              .redirectOutput(ProcessBuilder.Redirect.appendTo(outputLog().toFile()))
              .redirectError(ProcessBuilder.Redirect.appendTo(errorLog().toFile()))
              .start();
      RUNNING.add(this);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start " + name, e);
    }
  }

  private static long size(Path log) throws IOException {
    return Files.exists(log) ? Files.size(log) : 0;
  }

  /** Starts it for the first time; if that fails, nothing of it stays. */
  protected final void startOrClose() {
    try {
      start();
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private boolean readyNow() {
    return Await.until(Duration.ZERO, this::ready);
  }

  /** Ends it with SIGTERM, after 10 s with SIGKILL. Its files stay. Does nothing if it is ended. */
  public final void stop() {
    end(STOP_GRACE);
  }

  /** Ends it with SIGKILL, as a power cut would. Its files stay. */
  public final void kill() {
    end(Duration.ZERO);
  }

  /** Sends SIGTERM and returns at once. */
  public final void terminate() {
    process().destroy();
  }

  /**
   * Waits until the process has ended by itself, or because of {@link #terminate}.
   *
   * @return its exit status; 128 + N if signal N ended it
   * @throws AssertionError with the end of its log, if it still runs after {@code limit}
   */
  public final int awaitExit(Duration limit) throws InterruptedException {
    if (!process().waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new AssertionError("%s still runs after %s%n%s".formatted(name, limit, logs()));
    }
    return process().exitValue();
  }

  private void end(Duration grace) {
    Process ending = process;
    if (ending != null) {
      ProcessTree.of(ending).stop(grace);
      process = null;
    }
    RUNNING.remove(this);
  }

  /** Whether the process is alive. */
  public final boolean isRunning() {
    Process current = process;
    return current != null && current.isAlive();
  }

  /** Stops it and removes its folder. */
  @Override
  public void close() {
    stop();
    folder.close();
  }

  /** The number of the process. */
  protected final long pid() {
    return process().pid();
  }

  private Process process() {
    Process current = process;
    if (current == null) {
      throw new IllegalStateException(name + " does not run");
    }
    return current;
  }

  /** Where it keeps everything. */
  protected final Scratch folder() {
    return folder;
  }

  /** The file that collects its standard output over all starts. */
  protected final Path outputLog() {
    return folder.resolve("stdout.log");
  }

  /** The file that collects its standard error over all starts. */
  protected final Path errorLog() {
    return folder.resolve("stderr.log");
  }

  /** What it wrote to its standard output since the last start. */
  protected final String outputSinceStart() throws IOException {
    return since(outputStart, outputLog());
  }

  /** What it wrote to its standard error since the last start. */
  protected final String errorsSinceStart() throws IOException {
    return since(errorsStart, errorLog());
  }

  private static String since(long start, Path log) throws IOException {
    byte[] all = Files.readAllBytes(log);
    int from = (int) Math.min(start, all.length);
    return new String(all, from, all.length - from, StandardCharsets.UTF_8);
  }

  /** The last lines of both logs, for a message. */
  public final String logs() {
    return tail(outputLog()) + tail(errorLog());
  }

  private String tail(Path log) {
    try {
      List<String> lines =
          Files.exists(log)
              ? new String(Files.readAllBytes(log), StandardCharsets.UTF_8).lines().toList()
              : List.of();
      List<String> shown = lines.subList(Math.max(0, lines.size() - SHOWN_LINES), lines.size());
      return "--- %s of %s%n%s%n".formatted(log.getFileName(), name, String.join("\n", shown));
    } catch (IOException e) {
      return "--- %s of %s cannot be read: %s%n".formatted(log.getFileName(), name, e);
    }
  }

  /** The logs of all daemons that run now. */
  static String logsOfRunning() {
    StringBuilder all = new StringBuilder();
    RUNNING.forEach(daemon -> all.append(daemon.logs()));
    return all.toString();
  }
}
