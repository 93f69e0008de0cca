package io.weir.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import io.weir.config.Address;
import io.weir.config.Config;
import io.weir.metrics.Kind;
import io.weir.metrics.Metrics;
import io.weir.metrics.Outcome;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdminServerTest {

  private static final Address ANY_PORT = new Address("127.0.0.1", 0);

  private final Vertx vertx = Vertx.vertx();
  private final Metrics metrics = new Metrics("1.2.3");
  private final AtomicReference<Optional<String>> obstacle =
      new AtomicReference<>(Optional.empty());
  private final AdminServer server = server(ANY_PORT);
  private final HttpClient client = HttpClient.newHttpClient();

  private AdminServer server(Address listen) {
    Config.Admin admin = new Config.Admin(listen, Optional.empty());
    Api api = new Api(vertx, admin, List.of(), List.of());
    return new AdminServer(vertx, listen, metrics, obstacle::get, api);
  }

  @BeforeEach
  void start() throws IOException {
    server.start();
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  @Test
  void aLivingProcessIsHealthyEvenWhileItCannotAnswerPulls() throws Exception {
    obstacle.set(Optional.of("draining"));

    HttpResponse<String> response = get("/healthz");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEqualTo("ok\n");
  }

  @Test
  void itIsReadyWhileNothingStandsInTheWay() throws Exception {
    assertThat(get("/readyz").statusCode()).isEqualTo(200);

    obstacle.set(Optional.of("draining"));

    HttpResponse<String> response = get("/readyz");
    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.body()).isEqualTo("draining\n");
  }

  @Test
  void metricsAreInTheClassicFormatUnlessTheClientAsksForOpenMetrics() throws Exception {
    metrics.request("quay.io", Kind.BLOB, Outcome.HIT, 0.1);

    HttpResponse<String> classic = get("/metrics");
    HttpResponse<String> openMetrics =
        get("/metrics", "application/openmetrics-text;version=1.0.0");

    assertThat(classic.headers().firstValue("Content-Type").orElseThrow())
        .startsWith("text/plain; version=0.0.4");
    assertThat(classic.body())
        .contains(
            "weir_requests_total{kind=\"blob\",outcome=\"hit\",upstream=\"quay.io\"} 1.0\n",
            "weir_build_info{java=",
            "jvm_threads_current",
            "process_cpu_seconds_total");
    assertThat(openMetrics.headers().firstValue("Content-Type").orElseThrow())
        .startsWith("application/openmetrics-text");
    assertThat(openMetrics.body()).endsWith("# EOF\n");
  }

  @Test
  void aFormatThatIsNotKnownHereIsAnsweredInTheClassicOne() throws Exception {
    HttpResponse<String> response =
        get("/metrics", "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type").orElseThrow())
        .startsWith("text/plain");
  }

  @Test
  void headHasTheLengthOfTheBodyAndNoBody() throws Exception {
    HttpResponse<String> response =
        send(request("/healthz").method("HEAD", BodyPublishers.noBody()));

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValueAsLong("Content-Length")).hasValue(3);
    assertThat(response.body()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/nothing", "/healthz/", "/v2/", "/metrics%2f"})
  void anyOtherPathIsAProblem(String path) throws Exception {
    HttpResponse<String> response = get(path);

    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(response.headers().firstValue("Content-Type")).contains("application/problem+json");
    assertThat(response.body())
        .isEqualTo(
            "{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404,"
                + "\"detail\":\"here are the web page at /, /healthz, /readyz, /metrics,"
                + " and what /api/v1/openapi.json describes\","
                + "\"instance\":\"%s\"}".formatted(path));
  }

  @Test
  void nothingCanBeWritten() throws Exception {
    HttpResponse<String> response =
        send(request("/metrics").POST(BodyPublishers.ofString("weir_requests_total 0")));

    assertThat(response.statusCode()).isEqualTo(405);
    assertThat(response.headers().firstValue("Allow")).contains("GET, HEAD");
  }

  @Test
  void aPortInUseIsSaidWithItsAddress() {
    Address taken = new Address("127.0.0.1", server.address().getPort());

    assertThatThrownBy(() -> server(taken).start())
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("cannot listen on " + taken + ": ");
  }

  private HttpResponse<String> get(String path) throws Exception {
    return send(request(path));
  }

  private HttpResponse<String> get(String path, String accept) throws Exception {
    return send(request(path).header("Accept", accept));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(
        URI.create("http://127.0.0.1:" + server.address().getPort() + path));
  }
}
