package io.weir.testing;

import io.weir.store.Uptime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;

/** A clock that stands still until a test moves it. Thread-safe. */
public final class FakeClock implements InstantSource, Uptime {

  private final AtomicReference<Duration> elapsed = new AtomicReference<>(Duration.ofDays(1));
  private final AtomicReference<String> boot = new AtomicReference<>("first");

  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));

  @Override
  public Instant instant() {
    return now.get();
  }

  /** Lets {@code duration} pass. */
  public void advance(Duration duration) {
    jump(duration);
    elapsed.updateAndGet(before -> before.plus(duration));
  }

  /** Somebody sets the clock by {@code difference}, while no time passes. */
  public void jump(Duration difference) {
    now.updateAndGet(instant -> instant.plus(difference));
  }

  /** The machine starts again; its clock goes on. */
  public void reboot() {
    boot.updateAndGet(name -> name + "-again");
    elapsed.set(Duration.ZERO);
  }

  @Override
  public String boot() {
    return boot.get();
  }

  @Override
  public Duration elapsed() {
    return elapsed.get();
  }
}
