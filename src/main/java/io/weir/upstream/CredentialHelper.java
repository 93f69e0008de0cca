package io.weir.upstream;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A program that speaks the protocol of Docker's credential helpers: it reads the name of a
 * registry from its standard input, and prints {@code {"ServerURL": …, "Username": …, "Secret":
 * …}}; where it fails, it prints why to its standard output, and ends with another status than 0.
 *
 * <p>It is run without a shell, in this process's working directory. Stateless.
 *
 * @see <a
 *     href="https://github.com/docker/docker-credential-helpers#development">docker-credential-helpers</a>
 */
final class CredentialHelper {

  /** How long it may take. */
  static final Duration LIMIT = Duration.ofSeconds(10);

  private static final JsonMapper JSON = JsonMapper.shared();
  private static final int OUTPUT_BYTES_MAX = 64 << 10;
  private static final long LOOK_MILLIS = 10;
  private static final String PATH_DEFAULT = "/usr/local/bin:/usr/bin:/bin";

  /** What helpers say where they do not know the registry. */
  private static final String NOT_FOUND = "credentials not found in native keychain";

  private static final int SAID_LENGTH_MAX = 160;

  /** What stands after the name of a secret. */
  private static final Pattern NAMED_SECRET =
      Pattern.compile("(?i)([a-z_-]*(?:passw|secret|token|key)[a-z_-]*\"?\\s*[=:]\\s*)\\S.*");

  /** Long words with digits, as keys and tokens are. */
  private static final Pattern LIKE_A_SECRET =
      Pattern.compile("(?=[A-Za-z+/=_-]*[0-9])[A-Za-z0-9+/=_-]{16,}");

  private final List<String> command;
  private final Map<String, String> environment;
  private final Duration limit;

  /**
   * @param command the program, by its path or looked for in {@code PATH}, and its arguments
   * @param environment of the program, and the {@code PATH}
   */
  CredentialHelper(List<String> command, Map<String, String> environment, Duration limit) {
    this.command = List.copyOf(command);
    this.environment = Map.copyOf(environment);
    this.limit = limit;
  }

  /** The program's name, without its folder. */
  String name() {
    return String.valueOf(Path.of(command.getFirst()).getFileName());
  }

  /**
   * Asks for the credentials for a registry. Blocks.
   *
   * @param serverUrl the registry as Docker calls it: its host, or {@code
   *     https://index.docker.io/v1/}
   * @return {@link Credential#ANONYMOUS} where the helper does not know the registry
   */
  Credential get(String serverUrl) throws HelperException {
    Output output = run(serverUrl);
    if (output.status == 0) {
      return credential(output.out);
    }
    if (output.out.strip().equals(NOT_FOUND)) {
      return Credential.ANONYMOUS;
    }
    throw new HelperException(
        name() + " ended with status " + output.status, said(output.out, output.err));
  }

  private record Output(int status, String out, String err) {}

  private Output run(String serverUrl) throws HelperException {
    Process process = start();
    try {
      ask(process, serverUrl);
      return listen(process);
    } catch (IOException e) {
      throw new HelperException(name() + " broke off", "");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HelperException(name() + " was given up", "");
    } finally {
      kill(process);
    }
  }

  private Process start() throws HelperException {
    List<String> words = new ArrayList<>(command);
    words.set(0, program().toString());
    ProcessBuilder builder = new ProcessBuilder(words);
    builder.environment().clear();
    builder.environment().putAll(environment);
    try {
      return builder.start();
    } catch (IOException e) {
      throw new HelperException(
          name() + " cannot be started", line(String.valueOf(e.getMessage())));
    }
  }

  /** Java would look in the {@code PATH} of its own process, and does not say what it misses. */
  private Path program() throws HelperException {
    String program = command.getFirst();
    if (program.indexOf('/') >= 0) {
      return Path.of(program);
    }
    for (String folder : environment.getOrDefault("PATH", PATH_DEFAULT).split(":", -1)) {
      Path file = Path.of(folder.isEmpty() ? "." : folder, program);
      if (Files.isRegularFile(file) && Files.isExecutable(file)) {
        return file;
      }
    }
    throw new HelperException(program + " is not in PATH", "");
  }

  private static void ask(Process process, String serverUrl) {
    try (OutputStream in = process.getOutputStream()) {
      in.write(serverUrl.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // It need not read it: its answer tells.
    }
  }

  /**
   * Looks for output until the program has ended. A read that waits could not be given up, and a
   * child of the program may keep the pipe open for as long as it likes.
   */
  private Output listen(Process process) throws IOException, InterruptedException, HelperException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    long start = System.nanoTime();
    boolean hasEnded;
    do {
      hasEnded = process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS);
      take(process.getInputStream(), out);
      take(process.getErrorStream(), err);
      if (out.size() > OUTPUT_BYTES_MAX) {
        throw new HelperException(name() + " printed more than 64 KiB", "");
      }
      if (!hasEnded && System.nanoTime() - start > limit.toNanos()) {
        throw new HelperException(
            name() + " did not answer within " + Failures.text(limit), said("", text(err)));
      }
    } while (!hasEnded);
    return new Output(process.exitValue(), text(out), text(err));
  }

  /** One read at a time: there may always be more. Once it has ended, a pipe holds no more. */
  private static void take(InputStream from, ByteArrayOutputStream to) throws IOException {
    int there = Math.min(from.available(), OUTPUT_BYTES_MAX);
    byte[] bytes = from.readNBytes(there);
    to.write(bytes, 0, Math.min(bytes.length, OUTPUT_BYTES_MAX + 1 - to.size()));
  }

  private static String text(ByteArrayOutputStream bytes) {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static void kill(Process process) {
    if (process.isAlive()) {
      List<ProcessHandle> children = process.descendants().toList();
      process.destroyForcibly();
      children.forEach(ProcessHandle::destroyForcibly);
    }
  }

  private Credential credential(String out) throws HelperException {
    JsonNode answer;
    try {
      answer = JSON.readTree(out);
    } catch (JacksonException _) {
      // The parser's own message would quote what was printed.
      throw new HelperException(name() + " printed no JSON", "");
    }
    String username = answer.path("Username").asString("");
    String secret = answer.path("Secret").asString("");
    if (username.isEmpty() || secret.isEmpty()) {
      throw new HelperException(name() + " printed no Username and Secret", "");
    }
    return Credential.login(username, secret);
  }

  /** The line that may say why it failed; nothing where it printed what may be an answer. */
  private static String said(String out, String err) {
    if (out.indexOf('{') >= 0) {
      return "";
    }
    return line(err.isBlank() ? out : err);
  }

  private static String line(String text) {
    String first = text.strip().lines().findFirst().orElse("");
    String clean = first.replaceAll("[\\p{Cntrl}\\s]+", " ");
    String masked = NAMED_SECRET.matcher(clean).replaceAll("$1***");
    masked = LIKE_A_SECRET.matcher(masked).replaceAll("***");
    return masked.length() <= SAID_LENGTH_MAX ? masked : masked.substring(0, SAID_LENGTH_MAX) + "…";
  }
}
