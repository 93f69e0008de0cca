package io.weir.admin;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.weir.metrics.Counts;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The last hour in numbers, for whoever has no Prometheus. Thread-safe. */
final class History {

  /** How far apart samples are. */
  static final Duration STEP = Duration.ofSeconds(10);

  private static final int KEPT_MAX = 360;

  private final Rooms rooms;

  @GuardedBy("samples") private final Deque<Sample> samples = new ArrayDeque<>();

  /**
   * One moment. Requests to bytes received are counted since the start of the server, so that a
   * difference of two samples is what happened between them.
   */
  record Sample(
      Instant at,
      long requests,
      long hits,
      long errors,
      long sentBytes,
      long receivedBytes,
      long transfers,
      long usedBytes) {}

  /** The samples that there are, the oldest first. */
  record Samples(Duration step, List<Sample> samples) {}

  History(Rooms rooms) {
    this.rooms = rooms;
  }

  List<Route> routes() {
    return List.of(Route.get("/api/v1/history", _ -> Reply.ok(all())));
  }

  /** Takes a sample. */
  Sample sample() {
    Counts counts = rooms.metrics().counts();
    Sample sample =
        new Sample(
            rooms.clock().instant(),
            counts.requests(),
            counts.hits(),
            counts.errors(),
            counts.sentBytes(),
            counts.receivedBytes(),
            counts.transfers(),
            rooms.space().status().usedBytes());
    synchronized (samples) {
      samples.addLast(sample);
      if (samples.size() > KEPT_MAX) {
        samples.removeFirst();
      }
    }
    return sample;
  }

  private Samples all() {
    synchronized (samples) {
      return new Samples(STEP, List.copyOf(samples));
    }
  }
}
