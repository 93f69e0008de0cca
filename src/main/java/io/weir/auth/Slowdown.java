package io.weir.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;

/**
 * How long who has guessed wrongly waits before the next guess.
 *
 * <p>Wrong passwords are counted for each address, whatever the user, and for each user, whatever
 * the address. A few cost nothing: people mistype, and many nodes may share an address. Each one
 * more doubles the pause before the next, from a tenth of a second to five; after a quarter of an
 * hour without one all is forgotten.
 *
 * <p>Behind one address there may be a hundred nodes and one that guesses. So a user who was let in
 * from an address within the last day is counted there on its own account, and no other's guesses
 * hold it up: neither those from its address, nor those of its name from elsewhere.
 *
 * <p>An attempt counts when it begins, so that a thousand at once are no way around. Memory is
 * bounded. Thread-safe.
 */
final class Slowdown {

  private static final int FREE_FOR_ADDRESS = 20;
  private static final int FREE_FOR_USER = 10;
  private static final Duration PAUSE_MIN = Duration.ofMillis(100);
  private static final Duration PAUSE_MAX = Duration.ofSeconds(5);
  private static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(15);
  private static final Duration KNOWN_FOR = Duration.ofDays(1);
  private static final int ENTRIES_MAX = 10_000;

  /** On whose account an attempt goes; an empty text is for any. */
  private record Account(String address, String user) {

    int free() {
      return user.isEmpty() ? FREE_FOR_ADDRESS : FREE_FOR_USER;
    }
  }

  private record Attempts(int count, Instant last) {}

  private final InstantSource clock;
  private final ConcurrentMap<Account, Attempts> attempts;
  private final Cache<Account, Boolean> known;

  Slowdown(InstantSource clock) {
    this.clock = clock;
    this.attempts = caffeine().expireAfterWrite(FORGOTTEN_AFTER).<Account, Attempts>build().asMap();
    this.known = caffeine().expireAfterAccess(KNOWN_FOR).build();
  }

  private Caffeine<Object, Object> caffeine() {
    return Caffeine.newBuilder()
        .maximumSize(ENTRIES_MAX)
        .ticker(() -> TimeUnit.MILLISECONDS.toNanos(clock.millis()))
        .executor(Runnable::run);
  }

  /**
   * Counts an attempt that begins now, unless it is too early for one. One at a time, so that those
   * who come together do not all see the count of before.
   *
   * @return how long it is too early; zero where it may begin
   */
  synchronized Duration begin(InetAddress client, String user) {
    List<Account> accounts = accounts(client, user);
    Instant now = clock.instant();
    Duration wait = Duration.ZERO;
    for (Account account : accounts) {
      Duration left = Duration.between(now, end(account));
      wait = left.compareTo(wait) > 0 ? left : wait;
    }
    if (wait.isZero()) {
      accounts.forEach(account -> attempts.merge(account, new Attempts(1, now), Slowdown::sum));
    }
    return wait;
  }

  private static Attempts sum(Attempts before, Attempts added) {
    return new Attempts(before.count() + added.count(), added.last());
  }

  /** When the pause of an account is over. */
  private Instant end(Account account) {
    Attempts before = attempts.get(account);
    if (before == null || before.count() < account.free()) {
      return Instant.EPOCH;
    }
    int doublings = Math.min(before.count() - account.free(), 30);
    Duration pause = PAUSE_MIN.multipliedBy(1L << doublings);
    return before.last().plus(pause.compareTo(PAUSE_MAX) < 0 ? pause : PAUSE_MAX);
  }

  /** An attempt that was begun was no guess: it counts no longer, and the user is known there. */
  void succeeded(InetAddress client, String user) {
    for (Account account : accounts(client, user)) {
      attempts.computeIfPresent(
          account,
          (_, before) ->
              before.count() <= 1 ? null : new Attempts(before.count() - 1, before.last()));
    }
    known.put(both(client, user), true);
  }

  private List<Account> accounts(InetAddress client, String user) {
    Account both = both(client, user);
    return known.getIfPresent(both) != null
        ? List.of(both)
        : List.of(new Account(both.address(), ""), new Account("", user));
  }

  private static Account both(InetAddress client, String user) {
    return new Account(network(client), user);
  }

  /** An IPv6 client has a whole /64 to come from. */
  private static String network(InetAddress client) {
    return client instanceof Inet6Address
        ? Arrays.toString(Arrays.copyOf(client.getAddress(), 8))
        : client.getHostAddress();
  }
}
