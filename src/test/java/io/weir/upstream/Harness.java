package io.weir.upstream;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.weir.config.RetentionConfig;
import io.weir.config.TagsConfig;
import io.weir.config.UpstreamConfig;
import io.weir.config.UpstreamConfig.Credentials;
import io.weir.config.UpstreamConfig.Timeouts;
import io.weir.config.UpstreamConfig.Tls;
import io.weir.metrics.Metrics;
import io.weir.oci.Repository;
import io.weir.testing.FakeClock;
import io.weir.testing.ScriptedUpstream;
import io.weir.watch.FileWatch;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An {@link Upstream} under test: its configuration, built up by the test, and what it is given.
 */
final class Harness implements AutoCloseable {

  static final Repository REPOSITORY = Repository.parse("library/app");

  private static final Vertx VERTX =
      Vertx.vertx(new VertxOptions().setUseDaemonThread(true).setPreferNativeTransport(true));

  final FakeClock clock = new FakeClock();
  final FileWatch watch = new FileWatch();
  final Metrics metrics = new Metrics("test");
  final List<Duration> pauses = Collections.synchronizedList(new ArrayList<>());
  final Map<String, String> environment = new HashMap<>();

  List<URI> urls;
  Optional<Credentials> credentials = Optional.empty();
  List<String> tokenRealms = List.of();
  Tls tls = Tls.DEFAULT;
  Optional<URI> proxy = Optional.empty();
  int connections = 16;
  Duration connect = Duration.ofSeconds(5);
  Duration response = Duration.ofSeconds(5);
  Duration stall = Duration.ofSeconds(5);

  private final List<Upstream> opened = new ArrayList<>();

  Harness(ScriptedUpstream... registries) {
    urls = List.of(registries).stream().map(ScriptedUpstream::url).toList();
  }

  /** The client, with what was configured so far. */
  Upstream open() {
    Upstream upstream =
        new Upstream(config(), VERTX, watch, clock, environment, metrics, pauses::add);
    opened.add(upstream);
    return upstream;
  }

  /** What was configured so far. */
  UpstreamConfig config() {
    return new UpstreamConfig(
        "scripted",
        urls,
        List.of(),
        List.of(),
        Optional.empty(),
        credentials,
        false,
        tokenRealms,
        tls,
        proxy,
        List.of(),
        List.of(),
        connections,
        new Timeouts(connect, response, stall),
        new TagsConfig(Duration.ofMinutes(1), TagsConfig.StaleIfError.ALWAYS, List.of()),
        new RetentionConfig(Duration.ZERO, Optional.empty()));
  }

  /** Name and password, the password in the environment. */
  Harness login(String username, String password) {
    environment.put("TEST_PASSWORD", password);
    credentials =
        Optional.of(
            new Credentials.Login(
                username, new UpstreamConfig.SecretSource.InEnvironment("TEST_PASSWORD")));
    return this;
  }

  /** The value of a counter or gauge; 0 where there is no such series. */
  double metric(String name, String... labels) {
    Labels wanted = Labels.of(labels);
    return metrics.registry().scrape().stream()
        .filter(snapshot -> snapshot.getMetadata().getName().equals(name))
        .flatMap(snapshot -> snapshot.getDataPoints().stream())
        .filter(point -> point.getLabels().equals(wanted))
        .mapToDouble(Harness::value)
        .sum();
  }

  private static double value(DataPointSnapshot point) {
    return switch (point) {
      case CounterSnapshot.CounterDataPointSnapshot counter -> counter.getValue();
      case GaugeSnapshot.GaugeDataPointSnapshot gauge -> gauge.getValue();
      default -> throw new IllegalArgumentException("neither a counter nor a gauge");
    };
  }

  /** Everything that is left of a blob. */
  static byte[] readAll(RemoteBlob blob) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (ByteBuffer piece = blob.next(); piece != null; piece = blob.next()) {
      bytes.write(piece.array(), piece.arrayOffset() + piece.position(), piece.remaining());
    }
    return bytes.toByteArray();
  }

  @Override
  public void close() {
    opened.forEach(Upstream::close);
    watch.close();
  }
}
