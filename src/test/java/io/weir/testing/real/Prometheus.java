package io.weir.testing.real;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Debian's Prometheus, which scrapes one server and evaluates one file of rules, each second.
 *
 * <p>Facts of version 2.42: it is ready some 200 ms after its start; what it has scraped can be
 * asked for at once; it does not go through the proxy of the environment.
 */
public final class Prometheus extends Daemon {

  /** What the scraped server is called. */
  public static final String JOB = "weir";

  private static final JsonMapper JSON = JsonMapper.shared();

  private final int port = Ports.free();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /** One series of an answer, with its value now. */
  public record Sample(Map<String, String> labels, double value) {}

  /**
   * An alert that is pending or fires.
   *
   * @param labels with {@code alertname}
   * @param annotations with everything filled in
   */
  public record Alert(Map<String, String> labels, Map<String, String> annotations, boolean fires) {}

  private Prometheus(int target, String rules) {
    super("prometheus");
    folder().write("rules.yaml", rules);
    folder()
        .write(
            "prometheus.yml",
            """
            global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
            rule_files: [rules.yaml]
            scrape_configs:
              - job_name: %s
                static_configs: [{targets: ["127.0.0.1:%d"]}]
            """
                .formatted(JOB, target));
  }

  /**
   * One that scrapes {@code /metrics} at a port of loopback.
   *
   * @param rules the text of a rule file
   */
  public static Prometheus scraping(int port, String rules) {
    Prometheus prometheus = new Prometheus(port, rules);
    prometheus.startOrClose();
    return prometheus;
  }

  @Override
  protected Command command() {
    return Command.of("prometheus", "--log.level=warn")
        .with("--config.file=" + folder().resolve("prometheus.yml"))
        .with("--storage.tsdb.path=" + folder().resolve("data"))
        .with("--web.listen-address=127.0.0.1:" + port)
        .withHome(folder().path());
  }

  @Override
  protected boolean ready() throws IOException, InterruptedException {
    return get("/-/ready").statusCode() == 200;
  }

  @Override
  public void close() {
    client.close();
    super.close();
  }

  /**
   * What an expression says now.
   *
   * @return a series for each element; of a scalar, one without labels
   * @throws AssertionError where it is no PromQL
   */
  public List<Sample> query(String expression) {
    JsonNode data =
        data("/api/v1/query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8));
    JsonNode result = data.path("result");
    if (data.path("resultType").asString().equals("scalar")) {
      return List.of(new Sample(Map.of(), value(result)));
    }
    List<Sample> samples = new ArrayList<>();
    for (JsonNode series : result) {
      samples.add(new Sample(texts(series.path("metric")), value(series.path("value"))));
    }
    return samples;
  }

  /** The alerts of the rule file that are pending or fire. */
  public List<Alert> alerts() {
    List<Alert> alerts = new ArrayList<>();
    for (JsonNode alert : data("/api/v1/alerts").path("alerts")) {
      alerts.add(
          new Alert(
              texts(alert.path("labels")),
              texts(alert.path("annotations")),
              alert.path("state").asString().equals("firing")));
    }
    return alerts;
  }

  private JsonNode data(String path) {
    try {
      JsonNode answer = JSON.readTree(get(path).body());
      if (!answer.path("status").asString().equals("success")) {
        throw new AssertionError(path + ": " + answer.path("error").asString());
      }
      return answer.path("data");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + port + path);
    return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }

  /** Of a time and a value; Prometheus writes infinities as Go does. */
  private static double value(JsonNode pair) {
    String value = pair.path(1).asString();
    return switch (value) {
      case "+Inf" -> Double.POSITIVE_INFINITY;
      case "-Inf" -> Double.NEGATIVE_INFINITY;
      default -> Double.parseDouble(value);
    };
  }

  private static Map<String, String> texts(JsonNode object) {
    Map<String, String> texts = new LinkedHashMap<>();
    object.properties().forEach(member -> texts.put(member.getKey(), member.getValue().asString()));
    return texts;
  }
}
