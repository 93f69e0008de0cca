import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Makes a distribution's AOT cache, {@code lib/weir.aot}: runs its launcher, pulls through it as
 * clients do, and stops it, whereupon the JVM writes down what it has loaded, linked and profiled.
 *
 * <p>Usage: {@code java script/Training.java DISTRIBUTION}. It needs loopback and nothing else, and
 * takes some seconds. Where it fails it says so in one line, and ends well: without the cache Weir
 * only starts more slowly.
 */
final class Training {

  private static final int SECONDS_MAX = 60;

  /** Often enough for the JVM to see which methods are worth being compiled first. */
  private static final int ROUNDS = 4;

  private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";

  private static final Pattern ADDRESSES =
      Pattern.compile("pulls +(http://\\S+).* operators +(http://[^/]+)/", Pattern.DOTALL);

  /** With what is in most configurations; only {@code training} is asked for anything. */
  private static final String CONFIG =
      """
      registry:
        default-upstream: training
        shutdown-grace: 10s
      store: {max-size: 90%, min-free: 1Gi}
      retention:
        ttl: 720h
        pins: ["docker.io/library/pause:*"]
      upstreams:
        training:
          tags: {refresh: 10m}
          allow: ["team/**"]
        lab:
          urls: [http://127.0.0.1:9, http://127.0.0.1:9/mirror]
          aliases: [lab-mirror]
          timeouts: {connect: 1s, response: 5s}
      """;

  private final Map<String, byte[]> contents = new HashMap<>();

  private Training() {}

  public static void main(String[] arguments) throws Exception {
    Path distribution = Path.of(arguments[0]).toAbsolutePath();
    Path cache = distribution.resolve("lib/weir.aot");
    Path jars = distribution.resolve("lib/weir.aot.jars");
    Path scratch = Files.createTempDirectory("weir-training-");
    try {
      Files.deleteIfExists(jars);
      Files.deleteIfExists(cache);
      new Training().run(distribution, cache, scratch);
      Files.write(jars, jars(distribution.resolve("lib")));
    } catch (IOException | IllegalStateException e) {
      Files.deleteIfExists(cache);
      System.err.println(
          "weir: no AOT cache could be made, so it starts more slowly: " + e.getMessage());
    } finally {
      try (Stream<Path> files = Files.walk(scratch)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  /** The jars for which the cache holds, as the launcher compares them: name, size, seconds. */
  private static List<String> jars(Path folder) throws IOException {
    List<String> lines = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path jar : files.filter(file -> file.toString().endsWith(".jar")).sorted().toList()) {
        long modified = Files.getLastModifiedTime(jar).to(TimeUnit.SECONDS);
        lines.add("%s %d %d".formatted(jar.getFileName(), Files.size(jar), modified));
      }
    }
    return lines;
  }

  private void run(Path distribution, Path cache, Path scratch)
      throws IOException, InterruptedException {
    InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    HttpServer upstream = HttpServer.create(anyPort, 0);
    upstream.createContext("/", this::answer);
    upstream.start();
    Path output = scratch.resolve("output");
    ProcessBuilder command =
        new ProcessBuilder(
                distribution.resolve("weir").toString(),
                "serve",
                "--listen=127.0.0.1:0",
                "--admin=127.0.0.1:0",
                "--data=" + scratch.resolve("data"),
                "--config=" + Files.writeString(scratch.resolve("weir.yaml"), CONFIG),
                "--upstream=training=http://127.0.0.1:" + upstream.getAddress().getPort())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    command.environment().put("WEIR_JAVA_OPTS", "-XX:AOTCacheOutput=" + cache);
    try {
      train(command, output, cache);
    } finally {
      upstream.stop(0);
    }
  }

  private void train(ProcessBuilder command, Path output, Path cache)
      throws IOException, InterruptedException {
    Process weir = command.start();
    try {
      Matcher addresses = awaitGreeting(weir, output);
      for (int round = 0; round < ROUNDS; round++) {
        pull(addresses.group(1), round);
        operate(addresses.group(2));
      }
      weir.destroy();
      if (!weir.waitFor(SECONDS_MAX, TimeUnit.SECONDS) || Files.notExists(cache)) {
        throw new IllegalStateException("the JVM wrote none");
      }
    } finally {
      weir.destroyForcibly().waitFor();
    }
  }

  private static Matcher awaitGreeting(Process weir, Path output)
      throws IOException, InterruptedException {
    for (int tries = 0; tries < SECONDS_MAX * 10; tries++) {
      Matcher addresses = ADDRESSES.matcher(Files.readString(output));
      if (addresses.find()) {
        return addresses;
      }
      if (weir.waitFor(100, TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException(
            "the server ended at once: " + Files.readString(output).lines().findFirst().orElse(""));
      }
    }
    throw new IllegalStateException("the server did not start within " + SECONDS_MAX + " s");
  }

  /** An image of its own: cold, then stored; by tag, by digest, in part; and what is not there. */
  private void pull(String server, int round) throws IOException {
    byte[] config = "{\"architecture\":\"amd64\",\"os\":\"linux\",\"n\":%d}".formatted(round).getBytes();
    byte[] layer = new byte[300_000];
    new Random(round).nextBytes(layer);
    byte[] manifest =
        """
        {"schemaVersion":2,"mediaType":"%s",
         "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":%d},
         "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"%s","size":%d}]}
        """
            .formatted(MANIFEST, digest(config), config.length, digest(layer), layer.length)
            .getBytes();
    String base = "/v2/team/app" + round;
    contents.put(base + "/manifests/v1", manifest);
    contents.put(base + "/manifests/" + digest(manifest), manifest);
    contents.put(base + "/blobs/" + digest(config), config);
    contents.put(base + "/blobs/" + digest(layer), layer);
    contents.put(base + "/tags/list", "{\"name\":\"team/app\",\"tags\":[\"v1\"]}".getBytes());

    String repository = server + "/v2/training/team/app" + round;
    for (int pulls = 0; pulls < 3; pulls++) {
      ask("GET", server + "/v2/", "", 200);
      ask("HEAD", repository + "/manifests/v1", "", 200);
      ask("GET", repository + "/manifests/v1", "", 200);
      ask("GET", repository + "/manifests/" + digest(manifest), "", 200);
      ask("GET", repository + "/blobs/" + digest(config), "", 200);
      ask("GET", repository + "/blobs/" + digest(layer), "", 200);
      ask("GET", repository + "/blobs/" + digest(layer), "bytes=1000-1999", 206);
      ask("GET", repository + "/tags/list", "", 200);
      ask("GET", repository + "/manifests/none", "", 404);
    }
  }

  private static void operate(String server) throws IOException {
    for (String path : List.of("/", "/healthz", "/readyz", "/metrics", "/api/v1/status", "/api/v1/images")) {
      ask("GET", server + path, "", 200);
    }
  }

  private static void ask(String method, String url, String range, int status) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) URI.create(url).toURL().openConnection();
    connection.setRequestMethod(method);
    connection.setReadTimeout(SECONDS_MAX * 1000);
    connection.setRequestProperty("Accept", MANIFEST);
    if (!range.isEmpty()) {
      connection.setRequestProperty("Range", range);
    }
    if (connection.getResponseCode() != status) {
      throw new IllegalStateException(url + " was answered with " + connection.getResponseCode());
    }
    if (status < 400) {
      connection.getInputStream().readAllBytes();
    }
  }

  /** The registry behind it. */
  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] content = contents.get(exchange.getRequestURI().getPath());
      if (content == null) {
        exchange.sendResponseHeaders(404, -1);
        return;
      }
      boolean isManifest = exchange.getRequestURI().getPath().contains("/manifests/");
      exchange.getResponseHeaders().set("Content-Type", isManifest ? MANIFEST : "application/json");
      exchange.getResponseHeaders().set("Docker-Content-Digest", digest(content));
      boolean isHead = exchange.getRequestMethod().equals("HEAD");
      exchange.sendResponseHeaders(200, isHead ? -1 : content.length);
      if (!isHead) {
        exchange.getResponseBody().write(content);
      }
    }
  }

  private static String digest(byte[] content) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(content);
      return "sha256:" + HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
