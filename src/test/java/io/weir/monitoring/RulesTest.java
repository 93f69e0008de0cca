package io.weir.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.real.Command;
import io.weir.testing.real.Programs;
import io.weir.testing.real.RealTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What Prometheus' own tool says of the alerts, and what it cannot know. */
@RealTest
class RulesTest {

  private static final Path FOLDER = Path.of("deploy", "monitoring");
  private static final Path TESTS = FOLDER.resolve("weir-alerts-test.yaml");
  private static final Pattern FIRES = Pattern.compile("labels: '\\{alertname=\"(\\w+)\"");

  @BeforeAll
  static void find() {
    Programs.require("promtool");
  }

  private static Command promtool(String... arguments) {
    return Command.of("promtool", arguments);
  }

  @Test
  void promtoolFindsNothingWrong() {
    promtool("check", "rules", "--lint=all", "--lint-fatal", Rules.FILE.toString()).run().orFail();
    promtool("check", "config", FOLDER.resolve("prometheus.yml").toString()).run().orFail();
  }

  @Test
  void eachAlertFiresWhenItShouldAndOnlyThen() throws IOException {
    promtool("test", "rules", TESTS.toString()).run().orFail();

    Set<String> tested =
        FIRES
            .matcher(Files.readString(TESTS))
            .results()
            .map(match -> match.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(Rules.read().alerts()).extracting(Rules.Rule::alert).isSubsetOf(tested);
  }

  @Test
  void eachAlertSaysHowBadItIsAndWhatToDo() throws IOException {
    String page = Files.readString(Path.of("docs", "monitoring.md"));
    assertThat(Rules.read().alerts())
        .hasSizeGreaterThan(10)
        .allSatisfy(rule -> {
          assertThat(rule.labels()).hasSize(1);
          assertThat(rule.labels().get("severity")).isIn("warning", "critical");
          assertThat(rule.annotations().keySet())
              .containsExactlyInAnyOrder("summary", "description", "runbook");
          assertThat(rule.annotations().get("runbook"))
              .isEqualTo("docs/monitoring.md#" + rule.alert().toLowerCase(Locale.ROOT));
          assertThat(page).contains("\n### " + rule.alert() + "\n");
        });
  }
}
