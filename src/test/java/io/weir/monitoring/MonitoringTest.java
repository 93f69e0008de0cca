package io.weir.monitoring;

import static java.util.stream.Collectors.toCollection;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.real.Await;
import io.weir.testing.real.Programs;
import io.weir.testing.real.Prometheus;
import io.weir.testing.real.RealTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Dashboard, alerts and documentation against a Prometheus that scrapes a server under load. */
@RealTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MonitoringTest {

  private static final Path PAGE = Path.of("docs", "monitoring.md");
  private static final Duration LIMIT = Duration.ofSeconds(40);

  /** A row of the page's tables: a metric, and its labels. */
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| `(weir_\\w+)(?:\\{([\\w,]+)})?` \\|");

  @TempDir private static Path folder;

  // Closed in this order: the load ends before what it is asked of.
  @AutoClose private MonitoredWeir weir;
  @AutoClose private Prometheus prometheus;
  private Dashboard dashboard;
  private Rules rules;

  @BeforeAll
  @Timeout(60)
  void start() throws Exception {
    Programs.require("prometheus");
    dashboard = Dashboard.read();
    rules = Rules.read();
    weir = MonitoredWeir.start(folder);
    prometheus = Prometheus.scraping(weir.adminPort(), rules.fast());
    // What is counted before the first look at it was there already, for all that Prometheus knows.
    Await.until(LIMIT, () -> !prometheus.query("weir_build_info").isEmpty());
    weir.load();
  }

  private boolean hasData(String expression) {
    return prometheus.query(expression).stream()
        .anyMatch(sample -> Double.isFinite(sample.value()));
  }

  /** Those of the expressions that say nothing, however long they are asked. */
  private Set<String> silent(Collection<String> expressions) {
    Set<String> silent = new LinkedHashSet<>(expressions);
    Await.until(
        LIMIT,
        () -> {
          silent.removeIf(this::hasData);
          return silent.isEmpty() || !weir.isPulling();
        });
    return silent;
  }

  @Test
  void eachExpressionOfTheDashboardReturnsData() {
    assertThat(silent(dashboard.expressions().stream().map(Dashboard::filledIn).toList()))
        .isEmpty();
  }

  /** What alerts ask for may say nothing; that of which they say it has to be there. */
  @Test
  void eachMetricThatTheAlertsLookAtIsThere() {
    Set<String> selectors =
        rules.all().stream()
            .flatMap(rule -> Metric.selectors(rule.expression()).stream())
            .collect(toCollection(LinkedHashSet::new));
    assertThat(selectors).hasSizeGreaterThan(15);

    assertThat(silent(selectors)).isEmpty();
  }

  @Test
  void theAlertsFireOfWhatIsWrongAndOfNothingElse() {
    Set<String> wrong =
        Set.of(
            "WeirUpstreamDown quay.io",
            "WeirRateLimitNear docker.io",
            "WeirIntegrityFailure docker.io",
            "WeirCertificateExpiring server");
    Await.until(LIMIT, () -> firing().containsAll(wrong) || !weir.isPulling());

    assertThat(firing())
        .containsAll(wrong)
        .noneMatch(alert -> alert.startsWith("WeirDown"))
        .noneMatch(alert -> alert.startsWith("WeirStoreFull"))
        .noneMatch(alert -> alert.startsWith("WeirScrub"))
        .noneMatch(alert -> alert.startsWith("WeirLogLinesLost"))
        .doesNotContain("WeirUpstreamDown docker.io", "WeirRateLimitNear quay.io");
    assertThat(prometheus.alerts())
        .allSatisfy(alert ->
            assertThat(alert.annotations().values())
                .noneMatch(text -> text.contains("{{"))
                .noneMatch(text -> text.contains("<no value>"))
                .noneMatch(text -> text.contains("error expanding"))
                .noneMatch(text -> text.contains("  ")));
  }

  private Set<String> firing() {
    return prometheus.alerts().stream()
        .filter(Prometheus.Alert::fires)
        .map(Prometheus.Alert::labels)
        .map(labels ->
            labels.get("alertname")
                + " "
                + labels.getOrDefault("upstream", labels.getOrDefault("certificate", "")))
        .collect(toSet());
  }

  @Test
  void nothingIsAskedForThatTheServerDoesNotTell() throws IOException {
    Set<String> asked =
        Stream.concat(
                dashboard.expressions().stream(), rules.all().stream().map(Rules.Rule::expression))
            .flatMap(expression -> Metric.names(expression).stream())
            .filter(MonitoringTest::isOurs)
            .collect(toSet());

    assertThat(exposed().series()).containsAll(asked);
  }

  @Test
  void thePageHasEveryMetricWithItsLabelsAndNoOther() throws IOException {
    Map<String, Set<String>> described = new LinkedHashMap<>();
    Matcher row = ROW.matcher(Files.readString(PAGE));
    while (row.find()) {
      String labels = row.group(2);
      described.put(
          row.group(1), labels == null ? Set.of() : new TreeSet<>(Set.of(labels.split(",", -1))));
    }
    Map<String, Set<String>> told = new LinkedHashMap<>(exposed().labels());
    told.keySet().removeIf(name -> !name.startsWith("weir_"));

    assertThat(described).isEqualTo(told);
  }

  @Test
  void thePageAsksForNothingThatTheServerDoesNotTell() throws IOException {
    Exposition exposed = exposed();
    Set<String> known = new TreeSet<>(exposed.series());
    known.addAll(exposed.labels().keySet());

    assertThat(Metric.names(Files.readString(PAGE)).stream().filter(MonitoringTest::isOurs))
        .isNotEmpty()
        .allMatch(known::contains);
  }

  /** Neither Prometheus' own nor made by a rule. */
  private static boolean isOurs(String name) {
    return name.contains("_") && !name.contains(":");
  }

  /** The page of the server, once everything that happens to it has been counted. */
  private Exposition exposed() throws IOException {
    silent(Set.of("weir_store_full_in_seconds"));
    return Exposition.parse(weir.page());
  }
}
