package io.weir.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.net.InetAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs logins that failed, with the name and never the password: one line a minute for a client and
 * a user, however often they fail, one for a client that is held up, whatever names it tries, and a
 * hundred in all. Thread-safe.
 */
final class FailureLog {

  private static final Logger LOG = LoggerFactory.getLogger(Logins.class);

  private static final Duration SILENCE = Duration.ofMinutes(1);
  private static final int LINES_MAX = 100;

  /** What somebody chose is cut here: a name that is longer is none. */
  private static final int USER_LENGTH_MAX = 64;

  private record Told(InetAddress client, String user) {}

  private final Cache<Told, Boolean> told;

  FailureLog(InstantSource clock) {
    this.told =
        Caffeine.newBuilder()
            .expireAfterWrite(SILENCE)
            .ticker(() -> TimeUnit.MILLISECONDS.toNanos(clock.millis()))
            .executor(Runnable::run)
            .build();
  }

  /**
   * A password was wrong.
   *
   * @param why a constant
   */
  void refused(InetAddress client, String user, String why) {
    add(new Told(client, cut(user)), user, why);
  }

  /**
   * A password was not looked at.
   *
   * @param why a constant
   */
  void heldUp(InetAddress client, String user, String why) {
    add(new Told(client, ""), user, why);
  }

  private void add(Told key, String user, String why) {
    if (told.estimatedSize() >= LINES_MAX) {
      told.cleanUp();
    }
    if (told.estimatedSize() < LINES_MAX && told.asMap().putIfAbsent(key, true) == null) {
      LOG.atWarn()
          .addKeyValue("client", key.client().getHostAddress())
          .addKeyValue("user", cut(user))
          .log("a login failed: {}", why);
    }
  }

  private static String cut(String user) {
    return user.substring(0, Math.min(user.length(), USER_LENGTH_MAX));
  }
}
