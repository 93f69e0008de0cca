package io.weir.admin;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * What runs and what ran lately: one job of a kind at a time, a hundred remembered. Thread-safe.
 */
final class Jobs implements Api.Running {

  private static final int KEPT_MAX = 100;

  private final InstantSource clock;
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("job").factory());

  @GuardedBy("this") private final SequencedMap<String, Job> jobs = new LinkedHashMap<>();

  @GuardedBy("this") private int begun;

  Jobs(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * Begins a job.
   *
   * @throws Refusal 409 while another one of the kind runs, 503 while the server stops
   */
  synchronized Job start(String kind, Operation operation) {
    for (Job other : jobs.values()) {
      if (other.isRunning() && other.kind().equals(kind)) {
        throw new Refusal(
            409,
            "a %s job runs already: %s".formatted(kind, other.path()),
            Map.of("Location", other.path()));
      }
    }
    if (threads.isShutdown()) {
      throw new Refusal(503, "the server is stopping");
    }
    begun++;
    String id = Integer.toString(begun);
    Job job = new Job(id, kind, operation, clock.instant());
    jobs.put(id, job);
    forget();
    threads.execute(() -> job.run(clock));
    return job;
  }

  @GuardedBy("this") private void forget() {
    List<String> ended =
        jobs.entrySet().stream()
            .filter(job -> !job.getValue().isRunning())
            .map(Map.Entry::getKey)
            .limit(Math.max(0, jobs.size() - KEPT_MAX))
            .toList();
    ended.forEach(jobs::remove);
  }

  synchronized Optional<Job> find(String id) {
    return Optional.ofNullable(jobs.get(id));
  }

  /** All that are remembered, the newest first. */
  synchronized List<Job> all() {
    return new ArrayList<>(jobs.sequencedValues().reversed());
  }

  /** Cancels what runs, and waits until it has ended. */
  @Override
  public void close() {
    synchronized (this) {
      threads.shutdown();
      jobs.values().forEach(Job::cancel);
    }
    threads.close();
  }
}
