package io.weir;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.oci.Digest;
import io.weir.testing.Http;
import io.weir.testing.RecordedRequest;
import io.weir.testing.ScriptedUpstream;
import io.weir.testing.WeirProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kill -9} at random moments: it starts again, serves nothing wrong, goes on with what was
 * half fetched, and leaves nothing behind.
 *
 * <p>Each start is one life, with new images in it, clients that pull new and old ones, and an
 * upstream that is slow in most lives, so that fetches are under way when the life ends. Clients
 * compare every byte with what upstream has, also of answers that the kill cut short.
 *
 * <p>{@value #KILLS} in the environment is the number of kills, {@value #SEED} repeats the choices
 * of a run, though not its timing.
 */
@Timeout(value = 1, unit = TimeUnit.HOURS)
class KillTest {

  private static final String KILLS = "WEIR_TEST_KILLS";
  private static final String SEED = "WEIR_TEST_SEED";
  private static final int KILLS_DEFAULT = 12;
  private static final int KILLS_WHILE_STARTING_SHARE = 6;

  private static final int CLIENTS = 8;
  private static final int LIFE_MILLIS_MAX = 1500;
  private static final int RECENT_IMAGES = 3;
  private static final List<String> REPOSITORIES = List.of("team/app", "team/db", "library/base");
  private static final long BLOB_BYTES_MAX = 8L << 20;

  /** Bytes per second of one body; 0 is as fast as it goes. */
  private static final long[] SPEEDS = {512 << 10, 2 << 20, 8 << 20, 0};

  private final int kills = Integer.parseInt(environment(KILLS, Integer.toString(KILLS_DEFAULT)));
  private final long seed =
      Long.parseLong(environment(SEED, Long.toString(System.nanoTime() & 0xffff_ffffL)));
  private final Random random = new Random(seed);

  @AutoClose private final ScriptedUpstream upstream = ScriptedUpstream.start();
  @AutoClose private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  @TempDir private Path data;

  private final List<Published> images = new ArrayList<>();
  private final Map<Digest, Long> sizes = new ConcurrentHashMap<>();

  /** What the last kill left half fetched: lengths of files by their names. */
  private Map<String, Long> leftOver = Map.of();

  private int resumed;
  private final AtomicLong whole = new AtomicLong();
  private final AtomicLong cut = new AtomicLong();

  /** An image upstream; nothing of it ever changes but where {@code latest} points. */
  private record Published(
      String repository, String tag, ScriptedUpstream.Image image, List<Digest> blobs) {

    String path() {
      return "/v2/hub/" + repository;
    }
  }

  private static String environment(String name, String otherwise) {
    return Objects.requireNonNullElse(System.getenv(name), otherwise);
  }

  private WeirProcess.Builder weir() {
    return WeirProcess.builder()
        .shortLived()
        .jvm("-Xmx256m")
        .config("tags: {rules: [{match: ^latest$, refresh: 0}]}\n")
        .upstream("hub", upstream.url());
  }

  @Test
  void killedAtAnyMomentItGoesOnWhereItWas() throws Exception {
    System.out.printf("KillTest: %s=%d %s=%d%n", KILLS, kills, SEED, seed);
    try (WeirProcess weir = weir().data(data).build()) {
      for (int life = 1; life <= kills; life++) {
        for (int i = 0; i <= random.nextInt(2); i++) {
          publish();
        }
        upstream.bytesPerSecond(SPEEDS[random.nextInt(SPEEDS.length)]);
        weir.start();
        liveUntilKilled(weir, Duration.ofMillis(random.nextInt(LIFE_MILLIS_MAX)));
        assertGoneOnWith();
      }
      upstream.bytesPerSecond(0);
      weir.start();
      pullAll(weir);
      awaitEmpty(data.resolve("incoming"));
      assertGoneOnWith();
      assertThat(resumed).as("fetches that went on where a killed one had stopped").isPositive();

      assertThat(weir.temporary()).isEmptyDirectory();
      assertThat(data.resolve("index.db.damaged")).doesNotExist();
      weir.terminate();
      assertThat(weir.awaitExit(Duration.ofSeconds(10))).isZero();
      assertThat(weir.log().filter(line -> line.contains("\"level\":\"ERROR\""))).isEmpty();
      assertStoreIsSound();
      report();
    }
  }

  @Test
  void killedWhileItStartsItStartsAgain() throws Exception {
    Published image = publish();
    long startMillis;
    try (WeirProcess weir = weir().build()) {
      long begun = System.nanoTime();
      weir.start();
      startMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
    }
    for (int i = 0; i < Math.max(1, kills / KILLS_WHILE_STARTING_SHARE); i++) {
      try (WeirProcess weir = weir().build()) {
        for (int kill = 0; kill < 2; kill++) {
          weir.launch();
          long millis = random.nextLong(startMillis / 4, startMillis + 1);
          boolean _ = new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
          weir.kill();
        }
        weir.start();
        new Client(weir, new Life()).pull(image);
        awaitEmpty(weir.data().resolve("incoming"));
        weir.terminate();
        assertThat(weir.awaitExit(Duration.ofSeconds(10))).isZero();
      }
    }
  }

  /** A new image: most of its layers are new too, one may be of an image in another repository. */
  private Published publish() {
    List<Digest> layers = new ArrayList<>();
    for (int i = 0; i <= random.nextInt(4); i++) {
      // As many small ones as large ones, from 1 KiB on.
      long sizeBytes = Math.round(1024 * Math.pow(BLOB_BYTES_MAX / 1024.0, random.nextDouble()));
      Digest layer = upstream.putRandomBlob(sizeBytes, random.nextLong());
      sizes.put(layer, sizeBytes);
      layers.add(layer);
    }
    if (!images.isEmpty()) {
      layers.add(images.get(random.nextInt(images.size())).blobs().getFirst());
    }
    String repository = REPOSITORIES.get(random.nextInt(REPOSITORIES.size()));
    String tag = "v" + images.size();
    ScriptedUpstream.Image image = upstream.imageOf(repository, tag, layers.toArray(Digest[]::new));
    upstream.tag(repository, "latest", image.digest());
    List<Digest> blobs = new ArrayList<>(layers);
    blobs.add(image.config());
    sizes.put(image.config(), upstream.sizeBytes(image.config()));
    Published published = new Published(repository, tag, image, List.copyOf(blobs));
    images.add(published);
    return published;
  }

  /** From a start to a kill. */
  private static final class Life {
    private final CountDownLatch failed = new CountDownLatch(1);
    private volatile boolean isOver;

    /** Waits for the moment of the kill, or for a client that has seen something wrong. */
    void last(Duration duration) throws InterruptedException {
      boolean _ = failed.await(duration.toMillis(), TimeUnit.MILLISECONDS);
      isOver = true;
    }
  }

  private void liveUntilKilled(WeirProcess weir, Duration duration) throws Exception {
    Life life = new Life();
    List<Published> published = List.copyOf(images);
    List<Future<?>> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      Random choices = new Random(random.nextLong());
      clients.add(
          threads.submit(() -> {
            new Client(weir, life).pullUntilOver(published, choices);
            return null;
          }));
    }
    life.last(duration);
    weir.kill();
    for (Future<?> client : clients) {
      client.get();
    }
  }

  private void pullAll(WeirProcess weir) throws Exception {
    Life life = new Life();
    List<Future<?>> clients = new ArrayList<>();
    for (Published image : images) {
      clients.add(
          threads.submit(() -> {
            new Client(weir, life).pull(image);
            return null;
          }));
    }
    for (Future<?> client : clients) {
      client.get();
    }
  }

  /** Pulls, and fails where anything is other than upstream has it. */
  private final class Client {

    private final WeirProcess weir;
    private final Life life;
    private final byte[] buffer = new byte[1 << 16];

    Client(WeirProcess weir, Life life) {
      this.weir = weir;
      this.life = life;
    }

    /** Everything of an image. */
    void pull(Published image) throws IOException {
      manifest(image, image.tag());
      manifest(image, image.image().digest().toString());
      for (Digest blob : image.blobs()) {
        blob(image, blob, 0, size(blob));
      }
    }

    void pullUntilOver(List<Published> published, Random choices) throws IOException {
      try {
        while (!life.isOver) {
          pullSomething(published, choices);
        }
      } catch (IOException e) {
        if (!life.isOver) {
          life.failed.countDown();
          throw e;
        }
        cut.incrementAndGet();
      } catch (AssertionError e) {
        life.failed.countDown();
        throw e;
      }
    }

    private void pullSomething(List<Published> published, Random choices) throws IOException {
      int oldest = choices.nextBoolean() ? 0 : Math.max(0, published.size() - RECENT_IMAGES);
      Published image = published.get(choices.nextInt(oldest, published.size()));
      Digest blob = image.blobs().get(choices.nextInt(image.blobs().size()));
      switch (choices.nextInt(10)) {
        case 0 -> manifest(image, image.tag());
        case 1 -> manifest(image, image.image().digest().toString());
        case 2 -> manifest(latest(published, image.repository()), "latest");
        case 3, 4 -> {
          long from = choices.nextLong(size(blob));
          blob(image, blob, from, choices.nextLong(from, size(blob)) + 1);
        }
        default -> blob(image, blob, 0, size(blob));
      }
    }

    private static Published latest(List<Published> published, String repository) {
      return published.reversed().stream()
          .filter(image -> image.repository().equals(repository))
          .findFirst()
          .orElseThrow();
    }

    private void manifest(Published image, String reference) throws IOException {
      Http.Answer answer =
          Http.get(weir.port(), "%s/manifests/%s".formatted(image.path(), reference));
      if (isWhole(answer.whole(), answer.status(), 200, reference)) {
        assertThat(answer.body()).as(reference).isEqualTo(image.image().manifest());
        assertThat(answer.header("Docker-Content-Digest"))
            .isEqualTo(image.image().digest().toString());
      }
    }

    private void blob(Published image, Digest digest, long from, long to) throws IOException {
      boolean isPart = from > 0 || to < size(digest);
      String[] headers =
          isPart ? new String[] {"Range: bytes=" + from + '-' + (to - 1)} : new String[0];
      String path = "%s/blobs/%s".formatted(image.path(), digest);
      MessageDigest hash = digest.algorithm().newMessageDigest();
      long position = from;
      try (Http.Stream stream = Http.open(weir.port(), "GET", path, headers)) {
        if (stream.status() == (isPart ? 206 : 200)) {
          assertThat(stream.headers()).containsEntry("content-length", Long.toString(to - from));
          for (int count = stream.read(buffer); count >= 0; count = stream.read(buffer)) {
            byte[] right = upstream.bytes(digest, position, count);
            assertThat(Arrays.equals(buffer, 0, count, right, 0, count))
                .as("bytes %d to %d of %s", position, position + count, digest)
                .isTrue();
            hash.update(buffer, 0, count);
            position += count;
          }
        }
        if (isWhole(stream.whole(), stream.status(), isPart ? 206 : 200, path)) {
          assertThat(position).isEqualTo(to);
          if (!isPart) {
            assertThat(digest.algorithm().finish(hash.digest())).isEqualTo(digest);
          }
        }
      }
    }

    /** Whether an answer came to its end; it may have been cut by the kill only. */
    private boolean isWhole(boolean isWhole, int status, int expected, String what) {
      if (isWhole) {
        assertThat(status).as(what).isEqualTo(expected);
        whole.incrementAndGet();
      } else {
        assertThat(life.isOver).as("%s was cut while the server lived", what).isTrue();
        cut.incrementAndGet();
      }
      return isWhole;
    }
  }

  private long size(Digest blob) {
    return Objects.requireNonNull(sizes.get(blob));
  }

  /**
   * What the life before had left half fetched was asked for from there on, if it was asked for at
   * all.
   */
  private void assertGoneOnWith() throws IOException {
    Map<String, Long> expected = new HashMap<>(leftOver);
    for (RecordedRequest request : upstream.requests("GET", ".*/blobs/.*")) {
      String digest = request.path().substring(request.path().lastIndexOf('/') + 1);
      Long length = expected.remove(digest.replace(':', '-'));
      if (length != null) {
        assertThat(request.header("range")).as(digest).hasValue("bytes=" + length + '-');
        resumed++;
      }
    }
    upstream.forgetRequests();
    leftOver = new HashMap<>();
    for (Path file : files(data.resolve("incoming"))) {
      leftOver.put(file.getFileName().toString(), Files.size(file));
    }
    leftOver.values().removeIf(length -> length == 0);
  }

  /** A client has a blob a moment before the disk has. */
  private static void awaitEmpty(Path folder) throws IOException {
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!files(folder).isEmpty()) {
      assertThat(System.nanoTime()).as("%s holds %s", folder, files(folder)).isLessThan(end);
      LockSupport.parkNanos(1_000_000);
    }
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  /** Everything that was pulled is there, nothing else is, and each file is what its name says. */
  private void assertStoreIsSound() throws IOException {
    Set<String> expected = new HashSet<>();
    images.stream()
        .map(Published::blobs)
        .flatMap(Collection::stream)
        .forEach(blob -> expected.add(blob.hex()));
    images.forEach(image -> expected.add(image.image().digest().hex()));
    Set<String> found = new HashSet<>();
    for (Path file : files(data.resolve("blobs/sha256"))) {
      String name = file.getFileName().toString();
      found.add(name);
      assertThat(Digest.Algorithm.SHA256.of(Files.readAllBytes(file)).hex()).isEqualTo(name);
    }
    assertThat(found).isEqualTo(expected);
    assertThat(files(data).stream().map(file -> file.getFileName().toString()))
        .containsExactlyInAnyOrder(
            "blobs", "incoming", "index.db", "index.json", "oci-layout", "weir.lock");
  }

  private void report() {
    long content = sizes.values().stream().mapToLong(Long::longValue).sum();
    System.out.printf(
        "KillTest: %d kills, %d answers whole, %d cut, %d fetches resumed; upstream sent %.2f times"
            + " its %d MiB%n",
        kills,
        whole.get(),
        cut.get(),
        resumed,
        (double) upstream.bodyBytes() / content,
        content >> 20);
  }
}
