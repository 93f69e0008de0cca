package io.weir.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What Grafana would take without a word, and show wrong. */
class DashboardTest {

  private static final int COLUMNS = 24;
  private static final Set<String> VARIABLES = Set.of("datasource", "job", "instance", "upstream");
  private static final Set<String> OF_GRAFANA = Set.of("__rate_interval", "__range", "__all");
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{?(\\w+)");

  /** What a server has one of, however many upstreams there are. */
  private static final Pattern OF_A_SERVER =
      Pattern.compile(
          "(jvm|process)_.*|weir_ready.*"
              + "|weir_(scrub|retention|certificate|logins|build|log|spans)_.*"
              + "|weir_store_(?!bytes|blobs).*");

  private Dashboard dashboard;

  @BeforeEach
  void read() throws IOException {
    dashboard = Dashboard.read();
  }

  @Test
  void itIsOfASchemaThatGrafana11Knows() {
    assertThat(dashboard.json().path("schemaVersion").asInt()).isBetween(39, 41);
    assertThat(dashboard.json().path("uid").asString()).isEqualTo("weir");
    assertThat(dashboard.json().path("id").isNull()).isTrue();
  }

  @Test
  void eachPanelHasANumberOfItsOwn() {
    assertThat(dashboard.panels().stream().map(panel -> panel.path("id").asInt()))
        .doesNotHaveDuplicates()
        .allMatch(id -> id > 0);
  }

  @Test
  void panelsLieBesideEachOtherWithoutAGap() {
    List<String> cells = new ArrayList<>();
    int height = 0;
    for (JsonNode panel : dashboard.panels()) {
      int x = panel.at("/gridPos/x").asInt();
      int y = panel.at("/gridPos/y").asInt();
      int right = x + panel.at("/gridPos/w").asInt();
      int bottom = y + panel.at("/gridPos/h").asInt();
      assertThat(right).as(Dashboard.title(panel)).isLessThanOrEqualTo(COLUMNS);
      height = Math.max(height, bottom);
      for (int row = y; row < bottom; row++) {
        for (int column = x; column < right; column++) {
          cells.add(column + "," + row);
        }
      }
    }

    assertThat(cells).doesNotHaveDuplicates().hasSize(COLUMNS * height);
  }

  @Test
  void eachPanelSaysWhatItShowsAndInWhichUnit() {
    assertThat(dashboard.figures()).hasSizeGreaterThan(40);
    for (JsonNode panel : dashboard.figures()) {
      String title = Dashboard.title(panel);
      assertThat(title).isNotBlank();
      assertThat(panel.path("description").asString()).as(title).endsWith(".");
      assertThat(Dashboard.type(panel))
          .as(title)
          .isIn("timeseries", "stat", "gauge", "bargauge", "table");
      assertThat(panel.at("/fieldConfig/defaults/unit").asString())
          .as(title)
          .isIn("short", "none", "s", "bytes", "binBps", "reqps", "percentunit");
    }
  }

  @Test
  void eachPanelAsksTheDataSourceThatWasChosen() {
    for (JsonNode panel : dashboard.figures()) {
      assertThat(panel.at("/datasource/type").asString()).isEqualTo("prometheus");
      assertThat(panel.at("/datasource/uid").asString()).isEqualTo("${datasource}");
      assertThat(Dashboard.targets(panel).stream().map(target -> target.path("refId").asString()))
          .as(Dashboard.title(panel))
          .isNotEmpty()
          .doesNotHaveDuplicates();
    }
  }

  @Test
  void whatIsShownAsALineIsAskedForAsOne() {
    for (JsonNode panel : dashboard.figures()) {
      boolean isGraph = Dashboard.type(panel).equals("timeseries");
      for (JsonNode target : Dashboard.targets(panel)) {
        String title = Dashboard.title(panel);
        assertThat(target.path("range").asBoolean()).as(title).isEqualTo(isGraph);
        assertThat(target.path("instant").asBoolean()).as(title).isEqualTo(!isGraph);
        if (isGraph) {
          assertThat(target.path("legendFormat").asString()).as(title).isNotEmpty();
        }
      }
    }
  }

  @Test
  void onlyVariablesAreUsedThatThereAre() {
    assertThat(dashboard.variables()).isEqualTo(VARIABLES);
    Matcher variable = VARIABLE.matcher(dashboard.json().toString());
    while (variable.find()) {
      assertThat(variable.group(1))
          .matches(name -> VARIABLES.contains(name) || OF_GRAFANA.contains(name));
    }
  }

  /** Otherwise a choice at the top of the page would leave it as it is. */
  @Test
  void eachMetricIsThatOfTheChosenServersAndUpstreams() {
    for (String expression : dashboard.expressions()) {
      assertThat(Metric.selectors(expression))
          .isNotEmpty()
          .allSatisfy(selector -> {
            assertThat(selector).contains("{job=~\"$job\",instance=~\"$instance\"");
            if (!OF_A_SERVER.matcher(selector).matches()) {
              assertThat(selector).contains("upstream=~\"$upstream\"");
            }
          });
    }
  }
}
