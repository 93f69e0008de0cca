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
  private static final int FEW = 100;
  private static final int HITS = 100;
  private static final int STARTS = 3;

  /** Nobody listens there: all is answered from the store. */
  private static final URI NOWHERE = URI.create("http://127.0.0.1:9");

  @TempDir private Path folder;
  @AutoClose private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  @Test
  @Timeout(1200)
  void aStoreOfManyBlobsCostsWhatOneOfFewDoes() throws Exception {
    Path few = folder.resolve("few");
    Path many = folder.resolve("many");
    BigStore.fill(few, FEW);
    BigStore.fill(many, IMAGES);
    // One beside the other, so that what disturbs the machine disturbs both.
    List<Duration> startsOfFew = new ArrayList<>();
    List<Duration> startsOfMany = new ArrayList<>();
    for (int i = 0; i < STARTS; i++) {
      startsOfFew.add(start(few));
      startsOfMany.add(start(many));
    }
    report("start", median(startsOfFew), median(startsOfMany));
    assertThat(median(startsOfMany)).isLessThan(median(startsOfFew).multipliedBy(2).plusSeconds(1));
    try (WeirProcess small = serve(few);
        WeirProcess big = serve(many)) {
      compareHits(small, big);
      Operators operators = new Operators(big.adminPort());
      assertThat(time("page", () -> operators.page(100))).isLessThan(Duration.ofSeconds(1));
      for (String words : List.of("team", "app-1 v17", "nowhere", "cafe")) {
        assertThat(time("search for " + words, () -> operators.search(words)))
            .isLessThan(Duration.ofSeconds(1));
      }
      assertThat(time("status", operators::status)).isLessThan(Duration.ofSeconds(1));
      evictWhilePulling(big, operators);
    }
  }

  private static WeirProcess serve(Path data) {
    return WeirProcess.builder().jvm("-Xmx256m").data(data).upstream("hub", NOWHERE).start();
  }

  /** From the start of the process to the end of the first answer. */
  private static Duration start(Path data) throws IOException {
    long begun = System.nanoTime();
    try (WeirProcess weir = serve(data)) {
      Duration _ = pull(weir, 0);
      return Duration.ofNanos(System.nanoTime() - begun);
    }
  }

  private static void compareHits(WeirProcess small, WeirProcess big) throws IOException {
    List<Duration> firstOfFew = new ArrayList<>();
    List<Duration> firstOfMany = new ArrayList<>();
    List<Duration> laterOfFew = new ArrayList<>();
    List<Duration> laterOfMany = new ArrayList<>();
    for (int i = 0; i < HITS; i++) {
      int number = (int) ((long) i * 7919 % IMAGES);
      firstOfFew.add(pull(small, i));
      firstOfMany.add(pull(big, number));
      laterOfFew.add(pull(small, i));
      laterOfMany.add(pull(big, number));
    }
    report("hit that the index answers", median(firstOfFew), median(firstOfMany));
    report("hit that memory answers", median(laterOfFew), median(laterOfMany));
    assertThat(median(firstOfMany)).isLessThan(median(firstOfFew).multipliedBy(2));
    assertThat(median(laterOfMany)).isLessThan(median(laterOfFew).multipliedBy(2));
  }

  /** One image in a hundred leaves. */
  private void evictWhilePulling(WeirProcess weir, Operators operators) throws Exception {
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
    Duration _ =
        time(
            "evict 1 %",
            () -> {
              JsonNode gone = operators.evict("**:v*77");
              assertThat(gone.path("count").asInt()).isEqualTo(IMAGES / 100);
              return gone;
            });
    isOver.set(true);
    System.out.printf("scale: longest wait of a pull meanwhile: %s%n", longestWait.get());
    assertThat(longestWait.get()).isLessThan(Duration.ofSeconds(1));
  }

  private static void report(String what, Duration few, Duration many) {
    System.out.printf(
        "scale: %s: %s of %d blobs, %s of %d%n",
        what, few, FEW * BigStore.BLOBS_PER_IMAGE, many, BLOBS);
  }

  private interface Question {
    JsonNode ask() throws IOException;
  }

  private static Duration time(String what, Question question) throws IOException {
    long begun = System.nanoTime();
    JsonNode _ = question.ask();
    Duration took = Duration.ofNanos(System.nanoTime() - begun);
    System.out.printf("scale: %s: %s%n", what, took);
    return took;
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
    Duration took = Duration.ofNanos(System.nanoTime() - begun);
    assertThat(first.body()).isEqualTo(manifest);
    assertThat(second.text()).isEqualTo(blob);
    assertThat(second.header("Cache-Status")).isEqualTo("weir; hit");
    return took;
  }
}
