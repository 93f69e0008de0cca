package io.weir.cli;

import io.weir.Preparation;
import io.weir.Weir;
import io.weir.config.ConfigException;
import io.weir.config.ConfigLoader.Loaded;
import io.weir.config.Overrides;
import io.weir.logging.LogFormat;
import io.weir.logging.Logging;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code weir serve}: runs until SIGTERM or SIGINT, then lets transfers end. A second signal ends
 * it at once.
 */
@Command(
    name = "serve",
    description = "Serves images from the cache, and fetches those that are not there yet.")
final class ServeCommand implements Callable<Integer> {

  private static final Logger LOG = LoggerFactory.getLogger(ServeCommand.class);

  private static final int STATUS_INTERRUPTED = 130;

  private final Terminal terminal;

  @Mixin private final ConfigOption config = new ConfigOption();

  @Option(
      names = "--listen",
      paramLabel = "ADDR",
      description = "Where pulls are answered, such as :5000. Wins over registry.listen.")
  private @Nullable String listen;

  @Option(
      names = "--admin",
      paramLabel = "ADDR",
      description = "Where health and metrics are. Wins over admin.listen.")
  private @Nullable String admin;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Where everything is kept. Wins over store.path.")
  private @Nullable Path data;

  @Option(
      names = "--upstream",
      paramLabel = "NAME[=URL]",
      description = "One more registry to serve, or another URL of a configured one. Repeatable.")
  private List<String> upstreams = List.of();

  @Option(
      names = "--log-format",
      paramLabel = "FORMAT",
      description = "text or json. Otherwise text on a terminal and json elsewhere.")
  private @Nullable LogFormat logFormat;

  @Option(
      names = "--log-level",
      paramLabel = "LEVEL",
      description = "error, warn, info (default), debug or trace.")
  private Level logLevel = Level.INFO;

  private @Nullable Preparation preparation;

  ServeCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  /** Begins what needs no command line, before that is read. */
  void prepare() {
    Logging.hold(Level.WARN);
    preparation = Preparation.begin();
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Loaded loaded = config.load(terminal.environment(), overrides());
    LogFormat format = Optional.ofNullable(logFormat).orElseGet(LogFormat::forStandardError);
    CountDownLatch asked = new CountDownLatch(1);
    AtomicReference<@Nullable Weir> running = new AtomicReference<>();
    Signals.handle("HUP", () -> reload(running.get()));
    Signals.handle("TERM", () -> stop(asked));
    Signals.handle("INT", () -> stop(asked));
    try (Logging logging = Logging.start(format, logLevel);
        Weir weir =
            Weir.start(loaded.config(), terminal.environment(), prepared(), logging.accessLog())) {
      terminal.out().print(Greeting.of(loaded, weir));
      terminal.out().flush();
      running.set(weir);
      asked.await();
      weir.drain();
    }
    return 0;
  }

  private Preparation prepared() {
    return preparation == null ? Preparation.begin() : preparation;
  }

  /**
   * Reads the configuration again. One that cannot be used changes nothing.
   *
   * @param weir null while it still starts, with a configuration read a moment ago
   */
  private synchronized void reload(@Nullable Weir weir) {
    if (weir == null) {
      return;
    }
    try {
      List<String> waiting = weir.reload(config.load(terminal.environment(), overrides()).config());
      LOG.info("the configuration was read again");
      waiting.forEach(key -> LOG.warn("a change of {} waits for the next start", key));
    } catch (ConfigException e) {
      e.problems().forEach(problem -> LOG.error("the configuration stays as it was: {}", problem));
    } catch (IllegalArgumentException e) {
      LOG.error("the configuration stays as it was: {}", e.getMessage());
    }
  }

  private static void stop(CountDownLatch asked) {
    if (asked.getCount() == 0) {
      Runtime.getRuntime().halt(STATUS_INTERRUPTED);
    }
    asked.countDown();
  }

  private Overrides overrides() {
    return new Overrides(
        Optional.ofNullable(listen),
        Optional.ofNullable(admin),
        Optional.ofNullable(data),
        upstreams);
  }
}
