package io.weir;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.config.Size;
import io.weir.config.TagsConfig;
import io.weir.oci.Digest;
import io.weir.retention.Reason;
import io.weir.testing.FakeClock;
import io.weir.testing.Http;
import io.weir.testing.ScriptedUpstream;
import io.weir.testing.WeirServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * That what is counted is what happened: each number is compared with that of somebody else who
 * counted, the clients or the upstream, after many pulls at once.
 */
@Timeout(120)
class MetricsInvariantsTest {

  private static final int CLIENTS = 24;
  private static final int PULLS_EACH = 50;
  private static final long STORE_BYTES = 48 << 20;
  private static final int TOO_LARGE_BYTES = 49 << 20;

  @TempDir private Path data;
  @AutoClose private final ScriptedUpstream hub = ScriptedUpstream.start();
  @AutoClose private final ScriptedUpstream quay = ScriptedUpstream.start();

  private final Map<String, LongAdder> outcomes = new ConcurrentHashMap<>();
  private final Map<String, LongAdder> received = new ConcurrentHashMap<>();
  private final LongAdder missing = new LongAdder();

  /** Something to ask for. */
  private record Target(String upstream, String method, String path, List<String> headers) {

    Target(String upstream, String method, String path, String... headers) {
      this(upstream, method, path, List.of(headers));
    }
  }

  @Test
  void whatIsCountedIsWhatClientsGotAndUpstreamsSent() throws Exception {
    try (WeirServer weir = server()) {
      List<Target> targets = new ArrayList<>();
      targets.addAll(targets("hub", hub));
      targets.addAll(targets("quay", quay));
      Digest large = quay.putBlob("team/large", random(TOO_LARGE_BYTES));
      targets.add(new Target("quay", "GET", "/v2/quay/team/large/blobs/" + large));

      pullAtOnce(weir, targets);
      quay.goOffline(); // its tags are asked for each time
      for (Target target : targets) {
        if (target.path().endsWith("/manifests/latest")) {
          pull(weir, target);
        }
      }

      Map<String, Double> counted = settled(weir);
      Map<String, Long> seen = new TreeMap<>();
      outcomes.forEach((outcome, count) -> seen.put(outcome, count.sum()));
      assertThat(sums(counted, "weir_requests_total", "outcome")).isEqualTo(seen);
      assertThat(seen.keySet())
          .containsExactly("bypass", "collapsed", "error", "hit", "miss", "revalidated", "stale");
      assertThat(sum(counted, "weir_request_errors_total")).isEqualTo(seen.get("error"));
      assertThat(sums(counted, "weir_request_errors_total", "reason"))
          .containsEntry("not_found", missing.sum())
          .hasEntrySatisfying("bad_request", count -> assertThat(count).isPositive())
          .hasEntrySatisfying("bad_answer", count -> assertThat(count).isPositive())
          .containsEntry("aborted", 0L)
          .containsEntry("internal", 0L);
      assertThat(sums(counted, "weir_request_seconds_count", "upstream"))
          .isEqualTo(sums(counted, "weir_requests_total", "upstream"));
      assertThat(sums(counted, "weir_sent_bytes_total", "upstream"))
          .containsEntry("hub", receivedFrom("hub"))
          .containsEntry("quay", receivedFrom("quay"));
      Map<String, Long> fromUpstream =
          sums(counted, "weir_upstream_received_bytes_total", "upstream");
      assertThat(fromUpstream).containsEntry("hub", hub.bodyBytes());
      // A fetch that is refused its room lets go of what the upstream has begun to send.
      assertThat(fromUpstream.get("quay")).isBetween(quay.bodyBytes() / 2, quay.bodyBytes());
      assertThat(sums(counted, "weir_upstream_requests_total", "upstream"))
          .containsEntry("hub", (long) hub.requests().size());
      assertThat(sums(counted, "weir_saved_bytes", "upstream"))
          .containsEntry("hub", receivedFrom("hub") - hub.bodyBytes());
      assertThat(sums(counted, "weir_transfers", "upstream").values()).containsOnly(0L);
      assertThat(sums(counted, "weir_fetches", "upstream").values()).containsOnly(0L);
    }
  }

  /** Bytes that a client has not read may have gone out, and more than that have not. */
  @Test
  void aCutPullIsAnErrorOfAsManyBytesAsWentOut() throws Exception {
    Digest blob = hub.putRandomBlob(64 << 20, 7);
    String path = "/v2/hub/some/repo/blobs/" + blob;
    try (WeirServer weir = server(new Size.Percent(100))) {
      assertThat(Http.get(weir.port(), path).whole()).isTrue();
      long before = settledSum(weir, 1, "weir_sent_bytes_total");

      byte[] some = new byte[100_000];
      int read;
      try (Http.Stream stream = Http.open(weir.port(), "GET", path)) {
        read = stream.read(some);
      }

      long sent = settledSum(weir, 2, "weir_sent_bytes_total") - before;
      assertThat(sent).isGreaterThanOrEqualTo(read).isLessThan(64 << 20);
      assertThat(sums(metrics(weir), "weir_requests_total", "outcome"))
          .containsEntry("error", 1L)
          .containsEntry("miss", 1L)
          .containsEntry("hit", 0L);
      assertThat(sums(metrics(weir), "weir_request_errors_total", "reason"))
          .containsEntry("aborted", 1L);
    }
  }

  /** Prometheus' increase does not see the first step of a series that begins with it. */
  @Test
  void whatMayBecomeAlarmingIsThereBeforeItHappens() throws Exception {
    try (WeirServer weir = server()) {
      assertBeginsAtZero(metrics(weir), "hub");
      assertBeginsAtZero(metrics(weir), "quay");

      weir.reload(configured(new Size.Bytes(STORE_BYTES)).upstream("lab", quay.url()));

      assertBeginsAtZero(metrics(weir), "lab");
    }
  }

  /** It stayed for ever, and with it the alert, when nobody asked for anything any more. */
  @Test
  void whatARateLimitHasLeftIsToldUntilItsWindowHasPassed() throws Exception {
    hub.image("team/app", "latest", random(1000));
    hub.on("GET", ".*/manifests/.*")
        .header("ratelimit-limit", "100;w=21600")
        .header("ratelimit-remaining", "7;w=21600");
    FakeClock clock = new FakeClock();
    try (WeirServer weir = configured(new Size.Percent(100)).clock(clock).start()) {
      assertThat(metrics(weir))
          .doesNotContainKey("weir_upstream_ratelimit_limit{upstream=\"hub\"}");
      assertThat(Http.get(weir.port(), "/v2/hub/team/app/manifests/latest").status())
          .isEqualTo(200);
      clock.advance(Duration.ofHours(6).minusSeconds(1));
      assertThat(metrics(weir))
          .containsEntry("weir_upstream_ratelimit_remaining{upstream=\"hub\"}", 7.0);
      clock.advance(Duration.ofSeconds(1));
      assertThat(metrics(weir))
          .doesNotContainKey("weir_upstream_ratelimit_remaining{upstream=\"hub\"}")
          .containsEntry("weir_upstream_ratelimit_limit{upstream=\"hub\"}", 100.0)
          .containsEntry("weir_upstream_ratelimit_window_seconds{upstream=\"hub\"}", 21600.0);
    }
  }

  private static void assertBeginsAtZero(Map<String, Double> series, String upstream) {
    for (Reason reason : Reason.values()) {
      String labels = "{reason=\"%s\",upstream=\"%s\"}".formatted(reason.label(), upstream);
      assertThat(series)
          .containsEntry("weir_evicted_bytes_total" + labels, 0.0)
          .containsEntry("weir_evicted_images_total" + labels, 0.0);
    }
    for (String status : List.of("429", "error", "timeout")) {
      for (String kind : List.of("manifest", "blob", "tags", "referrers", "other")) {
        assertThat(series)
            .containsEntry(
                "weir_upstream_requests_total{kind=\"%s\",status=\"%s\",upstream=\"%s\"}"
                    .formatted(kind, status, upstream),
                0.0);
      }
    }
    for (String where : List.of("fetch", "read", "scrub", "reconcile")) {
      assertThat(series)
          .containsEntry(
              "weir_integrity_failures_total{upstream=\"%s\",where=\"%s\"}"
                  .formatted(upstream, where),
              0.0);
    }
  }

  private WeirServer server() throws IOException {
    return server(new Size.Bytes(STORE_BYTES));
  }

  private WeirServer server(Size maxSize) throws IOException {
    return configured(maxSize).start();
  }

  private WeirServer.Builder configured(Size maxSize) {
    return WeirServer.in(data)
        .limits(maxSize, new Size.Bytes(0))
        .upstream("hub", hub.url())
        .tags(Duration.ZERO, TagsConfig.StaleIfError.ALWAYS)
        .upstream("quay", quay.url());
  }

  /** Whole pulls, ranges, questions, and what goes wrong on the way. */
  private static List<Target> targets(String name, ScriptedUpstream upstream) {
    List<Target> targets = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      String repository = "team/app" + i;
      ScriptedUpstream.Image image =
          upstream.image(repository, "latest", random(300_000 + i), random(2_000_000 + i));
      String path = "/v2/" + name + "/" + repository;
      targets.add(new Target(name, "GET", path + "/manifests/latest"));
      targets.add(new Target(name, "HEAD", path + "/manifests/latest"));
      targets.add(new Target(name, "GET", path + "/manifests/" + image.digest()));
      targets.add(new Target(name, "GET", path + "/tags/list"));
      targets.add(new Target(name, "GET", path + "/manifests/none"));
      for (Digest layer : image.layers()) {
        targets.add(new Target(name, "HEAD", path + "/blobs/" + layer));
        targets.add(new Target(name, "GET", path + "/blobs/" + layer));
        targets.add(new Target(name, "GET", path + "/blobs/" + layer, "Range: bytes=1000-200999"));
        targets.add(new Target(name, "GET", path + "/blobs/" + layer, "Range: bytes=9000000-"));
      }
      upstream
          .on("GET", "/v2/" + repository + "/blobs/" + image.layers().getLast())
          .times(1)
          .cutAfter(1_000_000);
    }
    Digest wrong = upstream.putBlob("team/wrong", random(500_000));
    upstream.on("GET", "/v2/team/wrong/blobs/.+").corruptByteAt(400_000);
    targets.add(new Target(name, "GET", "/v2/" + name + "/team/wrong/blobs/" + wrong));
    return targets;
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  private void pullAtOnce(WeirServer weir, List<Target> targets) throws Exception {
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        Random random = new Random(i);
        running.add(
            clients.submit(() -> {
              for (int pull = 0; pull < PULLS_EACH; pull++) {
                pull(weir, targets.get(random.nextInt(targets.size())));
              }
              return true;
            }));
      }
      for (Future<?> client : running) {
        Object _ = client.get();
      }
    }
  }

  private void pull(WeirServer weir, Target target) throws IOException {
    try (Http.Stream answer =
        Http.open(
            weir.port(), target.method(), target.path(), target.headers().toArray(String[]::new))) {
      LongAdder bytes = received.computeIfAbsent(target.upstream(), _ -> new LongAdder());
      byte[] buffer = new byte[1 << 16];
      for (int read = answer.read(buffer); read >= 0; read = answer.read(buffer)) {
        bytes.add(read);
      }
      outcomes.computeIfAbsent(outcome(answer), _ -> new LongAdder()).increment();
      if (answer.status() == 404) {
        missing.increment();
      }
    }
  }

  private long receivedFrom(String upstream) {
    return received.getOrDefault(upstream, new LongAdder()).sum();
  }

  /** What the answer says of itself. */
  private static String outcome(Http.Stream answer) {
    String cacheStatus = answer.headers().getOrDefault("cache-status", "");
    if (answer.status() >= 400 || !answer.whole()) {
      return "error";
    }
    if (cacheStatus.contains("stale-if-error")) {
      return "stale";
    }
    if (cacheStatus.startsWith("weir; hit")) {
      return "hit";
    }
    if (cacheStatus.endsWith("; stored")) {
      return "miss";
    }
    if (cacheStatus.endsWith("; collapsed")) {
      return "collapsed";
    }
    return cacheStatus.contains("fwd-status=200") ? "revalidated" : "bypass";
  }

  /** The metrics, when all that was asked has been counted: a client may see the end before. */
  private Map<String, Double> settled(WeirServer weir) throws IOException {
    long requests = outcomes.values().stream().mapToLong(LongAdder::sum).sum();
    long _ = settledSum(weir, requests, "weir_requests_total");
    Map<String, Double> now = metrics(weir);
    while (sums(now, "weir_fetches", "upstream").values().stream().anyMatch(count -> count > 0)) {
      now = metrics(weir);
    }
    return now;
  }

  private static long settledSum(WeirServer weir, long requests, String name) throws IOException {
    Map<String, Double> now = metrics(weir);
    while (sum(now, "weir_time_to_first_byte_seconds_count") < requests
        || sum(now, "weir_transfers") > 0) {
      now = metrics(weir);
    }
    // One page reads its series one after the other, and that may have been counted between two.
    return sum(metrics(weir), name);
  }

  private static long sum(Map<String, Double> series, String name) {
    return sums(series, name, "upstream").values().stream().mapToLong(Long::longValue).sum();
  }

  /** Sums of the series of a name by the values of one of their labels. */
  private static Map<String, Long> sums(Map<String, Double> series, String name, String label) {
    Map<String, Long> sums = new TreeMap<>();
    series.forEach((line, value) -> {
      if (line.startsWith(name + "{")) {
        String labelled = line.substring(line.indexOf(label + "=\"") + label.length() + 2);
        sums.merge(labelled.substring(0, labelled.indexOf('"')), value.longValue(), Long::sum);
      }
    });
    return sums;
  }

  private static Map<String, Double> metrics(WeirServer weir) throws IOException {
    Map<String, Double> series = new TreeMap<>();
    Http.get(weir.adminPort(), "/metrics")
        .text()
        .lines()
        .filter(line -> line.startsWith("weir_"))
        .forEach(line -> {
          int space = line.lastIndexOf(' ');
          series.put(line.substring(0, space), Double.valueOf(line.substring(space + 1)));
        });
    return series;
  }
}
