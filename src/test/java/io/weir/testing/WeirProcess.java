package io.weir.testing;

import io.weir.testing.real.Command;
import io.weir.testing.real.Daemon;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * {@code weir serve} in a JVM of its own, for what is about a process: signals, kills, its memory,
 * its exit status. It runs what the tests run, with the options that the launcher {@code ./weir}
 * gives to the JVM, at free ports of loopback.
 *
 * <p>Everything it writes is below one folder, also what goes to the default place of temporary
 * files, and is removed by {@link #close}. Beside loopback it has no network: see {@link Command}.
 */
public final class WeirProcess extends Daemon {

  /** What a shell runs in the background ignores SIGINT, and so would this, if tests run there. */
  private static final String RESET_SIGNAL = "--default-signal=INT";

  private static final String ANY_PORT = "127.0.0.1:0";
  private static final Path LAUNCHER = Path.of("weir");
  private static final Path NATIVE_LIBRARIES = Path.of("target/weir/lib/native").toAbsolutePath();
  private static final Pattern JVM_OPTION = Pattern.compile(" +(-[^ c]\\S+) \\\\");
  private static final Pattern PULLS =
      Pattern.compile("^ +pulls +https?://127\\.0\\.0\\.1:([0-9]+)$", Pattern.MULTILINE);
  private static final Pattern OPERATORS =
      Pattern.compile("^ +operators +http://127\\.0\\.0\\.1:([0-9]+)/", Pattern.MULTILINE);

  private final Command command;
  private final Path data;
  private volatile int port;
  private volatile int adminPort;

  private WeirProcess(Builder builder) {
    super("process");
    this.data = builder.data == null ? folder().resolve("data") : builder.data;
    this.command = builder.command(this);
  }

  /** A server with the default configuration. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  protected Command command() {
    return command;
  }

  @Override
  protected boolean ready() throws IOException {
    Matcher pulls = PULLS.matcher(outputSinceStart());
    Matcher operators = OPERATORS.matcher(outputSinceStart());
    if (!pulls.find() || !operators.find()) {
      return false;
    }
    port = Integer.parseInt(pulls.group(1));
    adminPort = Integer.parseInt(operators.group(1));
    return readiness().status() == 200;
  }

  /** Where pulls are answered since the last start. */
  public int port() {
    return port;
  }

  /** Where operators are answered since the last start. */
  public int adminPort() {
    return adminPort;
  }

  /** What {@code /readyz} says. */
  public Http.Answer readiness() throws IOException {
    return Http.get(adminPort, "/readyz");
  }

  /** What it wrote to its standard output since the last start. */
  public String greeting() throws IOException {
    return outputSinceStart();
  }

  /** The folder of the store. */
  public Path data() {
    return data;
  }

  /** The folder of temporary files. */
  public Path temporary() {
    return folder().subfolder("tmp");
  }

  /** The number of the process. */
  public long processId() {
    return pid();
  }

  /** What it logged over all starts: lines of JSON. */
  public Stream<String> log() {
    try {
      return Files.readAllLines(errorLog()).stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A line of {@code /proc/PID/status}, such as {@code VmHWM}, in bytes.
   *
   * @see <a
   *     href="https://man7.org/linux/man-pages/man5/proc_pid_status.5.html">proc_pid_status(5)</a>
   */
  public long memoryBytes(String line) throws IOException {
    return Files.readAllLines(Path.of("/proc", Long.toString(pid()), "status")).stream()
        .filter(found -> found.startsWith(line + ':'))
        .mapToLong(found -> 1024 * Long.parseLong(found.replaceAll("[^0-9]", "")))
        .findFirst()
        .orElseThrow();
  }

  /** How it is started. */
  public static final class Builder {

    private final List<String> jvmOptions = new ArrayList<>();
    private final Map<String, URI> upstreams = new TreeMap<>();
    private final List<String> arguments = new ArrayList<>();
    private final Map<String, String> variables = new TreeMap<>();
    private String listen = ANY_PORT;
    private String admin = ANY_PORT;
    private String config = "";
    private @Nullable Path data;

    private Builder() {}

    /** Options of the JVM, after those of the launcher and so stronger. */
    public Builder jvm(String... options) {
      jvmOptions.addAll(List.of(options));
      return this;
    }

    /**
     * Starts fast rather than running fast, for a server that soon ends again. Not where memory or
     * speed is what the test is about.
     */
    public Builder shortLived() {
      return jvm("-XX:TieredStopAtLevel=1");
    }

    /** Keeps the store there; otherwise in a folder that {@link #close} removes. */
    public Builder data(Path folder) {
      data = folder;
      return this;
    }

    /** Answers pulls there, not at any free port. */
    public Builder listen(String address) {
      listen = address;
      return this;
    }

    /** Answers operators there, not at any free port. */
    public Builder admin(String address) {
      admin = address;
      return this;
    }

    /** More arguments of {@code serve}. */
    public Builder arguments(String... words) {
      arguments.addAll(List.of(words));
      return this;
    }

    /** An environment variable. */
    public Builder variable(String name, String value) {
      variables.put(name, value);
      return this;
    }

    /** Text of the configuration, in YAML. Without this and upstreams it has no file. */
    public Builder config(String yaml) {
      config = yaml;
      return this;
    }

    /** One more upstream, at the end of the configuration. */
    public Builder upstream(String name, URI url) {
      upstreams.put(name, url);
      return this;
    }

    /** The server, not started yet. */
    public WeirProcess build() {
      return new WeirProcess(this);
    }

    /** The server, ready. */
    public WeirProcess start() {
      WeirProcess weir = build();
      weir.startOrClose();
      return weir;
    }

    /** Runs a server that is expected to end by itself, and tells how it did. */
    public Command.Outcome run() {
      try (WeirProcess weir = build()) {
        return weir.command.run();
      }
    }

    private Command command(WeirProcess weir) {
      List<String> line = new ArrayList<>(launcherOptions());
      line.add("-Djava.library.path=" + NATIVE_LIBRARIES);
      line.add("-Djava.io.tmpdir=" + weir.temporary());
      line.addAll(jvmOptions);
      line.addAll(List.of("-cp", System.getProperty("java.class.path")));
      line.addAll(List.of("io.weir.cli.Main", "serve"));
      line.addAll(List.of("--listen", listen, "--admin", admin));
      line.addAll(List.of("--data", weir.data.toString()));
      if (!config.isEmpty() || !upstreams.isEmpty()) {
        Path file = weir.folder().write("weir.yaml", config + upstreamsYaml());
        line.addAll(List.of("--config", file.toString()));
      }
      line.addAll(arguments);
      Path java = Path.of(System.getProperty("java.home"), "bin", "java");
      Command command =
          Command.of("env", RESET_SIGNAL, java.toString())
              .with(line.toArray(String[]::new))
              .withHome(weir.folder().path());
      for (Map.Entry<String, String> variable : variables.entrySet()) {
        command = command.withVariable(variable.getKey(), variable.getValue());
      }
      return command;
    }

    private String upstreamsYaml() {
      StringBuilder yaml = new StringBuilder(upstreams.isEmpty() ? "" : "upstreams:\n");
      upstreams.forEach((name, url) -> yaml.append("  %s: {url: %s}%n".formatted(name, url)));
      return yaml.toString();
    }

    private static List<String> launcherOptions() {
      try {
        List<String> options =
            Files.readAllLines(LAUNCHER).stream()
                .map(JVM_OPTION::matcher)
                .filter(Matcher::matches)
                .map(option -> option.group(1))
                .toList();
        if (!options.contains("-XX:+ExitOnOutOfMemoryError")) {
          throw new IllegalStateException("the options of the JVM are not found in ./weir");
        }
        return options;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
