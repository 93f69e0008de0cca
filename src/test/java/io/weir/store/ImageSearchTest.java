package io.weir.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.BigStore;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a search costs among many images, beside one among few: processor time of the thread that
 * searches, which does not depend on what else the machine does.
 *
 * <p>{@code WEIR_TEST_IMAGES} is how many; docs/performance.md has the results for 10,000 and
 * 100,000.
 */
class ImageSearchTest {

  private static final int MANY =
      Integer.parseInt(System.getenv().getOrDefault("WEIR_TEST_IMAGES", "4000"));
  private static final int FEW = 1000;

  /** Its config, and the layer that all share. */
  private static final int BLOBS_PER_IMAGE = 2;

  private static final int PAGE = 100;
  private static final int TRIES = 10;

  @TempDir private Path folder;
  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();

  @Test
  @Timeout(1200)
  void aSearchGrowsAsTheNumberOfImagesDoes() throws IOException {
    Path few = folder.resolve("few");
    Path many = folder.resolve("many");
    BigStore.fill(few, FEW, BLOBS_PER_IMAGE);
    BigStore.fill(many, MANY, BLOBS_PER_IMAGE);
    try (Store small = Store.open(few, InstantSource.system(), Uptime.ofMachine());
        Store big = Store.open(many, InstantSource.system(), Uptime.ofMachine())) {
      for (String words : List.of("", "team", "app-7 v77", "nowhere", "arm64", "s390x")) {
        Duration ofFew = cost(small, words, FEW);
        Duration ofMany = cost(big, words, MANY);
        assertThat(ofMany).as(words).isLessThan(ofFew.multipliedBy(2L * MANY / FEW).plusMillis(2));
      }
    }
  }

  /** The least of several. */
  private Duration cost(Store store, String words, int images) {
    ImageFilter filter =
        new ImageFilter(
            Optional.empty(),
            Optional.empty(),
            Arrays.stream(words.split(" ")).filter(word -> !word.isEmpty()).toList(),
            Optional.empty());
    List<Duration> costs = Stream.generate(() -> cost(store, filter)).limit(TRIES).toList();
    Duration least = costs.stream().sorted().findFirst().orElseThrow();
    System.out.printf(
        "search among %d: '%s' finds %d, %s the first time, %s at least%n",
        images,
        words,
        store.inventory().images(filter, null, PAGE).total(),
        costs.getFirst(),
        least);
    return least;
  }

  private Duration cost(Store store, ImageFilter filter) {
    long begun = threads.getCurrentThreadCpuTime();
    assertThat(store.inventory().images(filter, null, PAGE).images().size())
        .isLessThanOrEqualTo(PAGE);
    return Duration.ofNanos(threads.getCurrentThreadCpuTime() - begun);
  }
}
