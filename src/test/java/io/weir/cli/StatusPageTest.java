package io.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.FakeClock;
import java.io.BufferedReader;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class StatusPageTest {

  private static final long SECOND = 1_000_000_000L;

  private static JsonNode json(String text) {
    return JsonMapper.shared().readTree(text.replace('\'', '"'));
  }

  private static StatusView view(long nanos, long requests, long sent, String fetches) {
    return new StatusView(
        nanos,
        json(
            """
            {'version': '1.2', 'uptime': 'PT3H', 'transfers': 4,
             'store': {'path': '/data', 'usedBytes': 2048, 'limitBytes': 1048576, 'blobs': 9,
                       'full': false, 'fullIn': 'PT52H'},
             'requests': {'total': %d, 'hitRatio': 0.875, 'byOutcome': {'error': 1},
                          'sentBytes': %d, 'receivedBytes': 1024,
                          'savedBytes': %d, 'savedRequests': 40},
             'upstreams': []}
            """
                .formatted(requests, sent, sent - 1024)),
        json(fetches));
  }

  private static List<String> print(StatusView now, Optional<StatusView> before) {
    StringWriter text = new StringWriter();
    PrintWriter out = new PrintWriter(text);
    Terminal terminal =
        new Terminal(
            new BufferedReader(new StringReader("")), out, out, Map.of(), false, new FakeClock());
    new StatusPage(terminal, out).print(now, before, true);
    out.flush();
    return text.toString().lines().toList();
  }

  private static String fetch(long received) {
    return """
    {'fetchCount': 12, 'fetches': [{'upstream': 'docker.io', 'repository': 'library/nginx',
      'digest': 'sha256:0123456789abcdef0123', 'sizeBytes': 40960, 'receivedBytes': %d,
      'clients': 3, 'ahead': false}]}
    """
        .formatted(received);
  }

  @Test
  void atFirstThereIsNothingToCompareWith() {
    assertThat(print(view(0, 100, 512, "{'fetches': []}"), Optional.empty()))
        .contains(
            "weir 1.2, up for 3h, ready",
            "store     2.0Ki of 1.0Mi in 9 files, /data, full in 2d",
            "requests  100, 87.5% hits, 1 error, 4 transfers under way",
            "traffic   512 sent, 1.0Ki received",
            "saved     -512 and 40 requests to upstreams");
  }

  @Test
  void thenTheDifferenceIsTheSpeed() {
    StatusView before = view(0, 100, 1 << 20, fetch(10240));
    StatusView now = view(2 * SECOND, 130, 5 << 20, fetch(20480));

    List<String> lines = print(now, Optional.of(before));

    assertThat(lines)
        .contains(
            "requests  130 (15/s), 87.5% hits, 1 error, 4 transfers under way",
            "traffic   5.0Mi sent (2.0Mi/s), 1.0Ki received (0/s)");
    assertThat(lines)
        .anySatisfy(line ->
            assertThat(line)
                .matches(
                    "sha256:0123456789ab +docker.io/library/nginx +\\[#{10} {10}\\] +50% +40Ki"
                        + " +5.0Ki/s +3"));
    assertThat(lines.getLast()).isEqualTo("and 11 blobs more");
  }

  @Test
  void aServerThatHasStartedAnewCountsFromZero() {
    StatusView before = view(0, 100_000, 1 << 30, "{'fetches': []}");
    StatusView now = view(2 * SECOND, 3, 0, "{'fetches': []}");

    assertThat(print(now, Optional.of(before)))
        .contains("requests  3 (0/s), 87.5% hits, 1 error, 4 transfers under way");
  }
}
