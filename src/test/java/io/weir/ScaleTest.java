package io.weir;

import static io.weir.testing.StorePulls.bytes;
import static io.weir.testing.StorePulls.digest;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.BigStore;
import io.weir.testing.Http;
import io.weir.testing.Operators;
import io.weir.testing.WeirProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * What a store of many blobs costs, beside one of few: starting, a hit, a list, an eviction.
 *
 * <p>{@code WEIR_TEST_BLOBS} is how many; docs/performance.md has the results for a million.
 */
class ScaleTest {

  private static final int BLOBS =
      Integer.parseInt(System.getenv().getOrDefault("WEIR_TEST_BLOBS", "20000"));
  private static final int IMAGES = BLOBS / BigStore.BLOBS_PER_IMAGE;
  private static final int FEW = 10;
  private static final int HITS = 500;

  /** Nobody listens there: all is answered from the store. */
  private static final URI NOWHERE = URI.create("http://127.0.0.1:9");

  @TempDir private Path folder;
  @AutoClose private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  @Test
  @Timeout(1200)
  void aStoreOfManyBlobsCostsWhatOneOfFewDoes() throws Exception {
    BigStore.fill(folder.resolve("few"), FEW);
    BigStore.fill(folder.resolve("many"), IMAGES);
    Costs few = measure(folder.resolve("few"), FEW);
    Costs many = measure(folder.resolve("many"), IMAGES);
    System.out.printf("scale: %d blobs: %s%nscale: %d blobs: %s%n", FEW * 10, few, BLOBS, many);

    assertThat(many.start()).isLessThan(few.start().plusSeconds(1));
    assertThat(many.firstHit()).isLessThan(few.firstHit().multipliedBy(3));
    assertThat(many.hit()).isLessThan(few.hit().multipliedBy(2));
    assertThat(many.page()).isLessThan(Duration.ofSeconds(1));
    assertThat(many.usage()).isLessThan(Duration.ofSeconds(1));
    assertThat(many.longestWait()).as("while 1 % leaves").isLessThan(Duration.ofSeconds(1));
  }

  /**
   * What was measured.
   *
   * @param start from the start of the process to the end of the first answer
   * @param firstHit of a manifest that memory does not know yet, the median
   * @param hit of one that it knows, the median
   * @param page a hundred images listed
   * @param usage how much there is by upstream
   * @param eviction one image in a hundred chosen and gone
   * @param longestWait of a pull during that
   */
  private record Costs(
      Duration start,
      Duration firstHit,
      Duration hit,
      Duration page,
      Duration usage,
      Duration eviction,
      Duration longestWait) {}

  private Costs measure(Path data, int images) throws Exception {
    long begun = System.nanoTime();
    try (WeirProcess weir =
        WeirProcess.builder().jvm("-Xmx256m").data(data).upstream("hub", NOWHERE).start()) {
      pull(weir, 0);
      Duration start = since(begun);
      List<Duration> firstHits = new ArrayList<>();
      List<Duration> hits = new ArrayList<>();
      for (int i = 0; i < HITS; i++) {
        int number = (int) ((long) i * 7919 % images);
        firstHits.add(pull(weir, number));
        hits.add(pull(weir, number));
      }
      Operators operators = new Operators(weir.adminPort());
      Duration page = time(() -> operators.page(100));
      Duration usage = time(operators::status);

      AtomicBoolean isOver = new AtomicBoolean();
      Future<Duration> longestWait =
          threads.submit(() -> {
            Duration longest = Duration.ZERO;
            while (!isOver.get()) {
              Duration wait = pull(weir, 1);
              longest = wait.compareTo(longest) > 0 ? wait : longest;
            }
            return longest;
          });
      Duration eviction =
          time(() -> {
            JsonNode gone = operators.evict("**:v*77");
            assertThat(gone.path("count").asInt()).isEqualTo(images / 100);
            return gone;
          });
      isOver.set(true);
      return new Costs(
          start, median(firstHits), median(hits), page, usage, eviction, longestWait.get());
    }
  }

  private interface Question {
    JsonNode ask() throws IOException;
  }

  private static Duration time(Question question) throws IOException {
    long begun = System.nanoTime();
    JsonNode _ = question.ask();
    return since(begun);
  }

  private static Duration since(long nanos) {
    return Duration.ofNanos(System.nanoTime() - nanos);
  }

  private static Duration median(List<Duration> durations) {
    return durations.stream().sorted().toList().get(durations.size() / 2);
  }

  /** A manifest and a blob of image {@code number}; gives how long both took. */
  private static Duration pull(WeirProcess weir, int number) throws IOException {
    String base = "/v2/hub/" + BigStore.origin(number).repository();
    byte[] manifest = BigStore.manifest(number);
    String blob = BigStore.blobs(number).getFirst();
    long begun = System.nanoTime();
    Http.Answer first = Http.get(weir.port(), base + "/manifests/" + digest(manifest));
    Http.Answer second = Http.get(weir.port(), base + "/blobs/" + digest(bytes(blob)));
    Duration took = since(begun);
    assertThat(first.body()).isEqualTo(manifest);
    assertThat(second.text()).isEqualTo(blob);
    assertThat(second.header("Cache-Status")).isEqualTo("weir; hit");
    return took;
  }
}
