package io.weir;

import io.weir.config.Config;
import io.weir.config.UpstreamConfig;
import io.weir.metrics.Metrics;
import io.weir.upstream.CredentialStatus;
import io.weir.upstream.Upstream;
import io.weir.watch.FileWatch;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Asks every upstream of a configuration whether it answers, and lets this server in. */
public final class OnlineCheck {

  /**
   * What came of it.
   *
   * @param upstream its name
   * @param credentials where the credentials are from that it was asked with, and the name; empty
   *     where none are configured
   * @param problem why it is of no use; empty where it is
   */
  public record Result(String upstream, Optional<String> credentials, Optional<String> problem) {

    public boolean isGood() {
      return problem.isEmpty();
    }
  }

  private OnlineCheck() {}

  /**
   * Asks all of them at the same time, each within the time limits of its configuration, and judges
   * as {@link Upstream#check} does.
   *
   * @return in the order of the configuration
   * @throws IllegalArgumentException where a URL or a certificate cannot be used
   */
  public static List<Result> run(Config config, Map<String, String> environment)
      throws InterruptedException {
    Metrics metrics = new Metrics(Version.current());
    try (Preparation preparation = Preparation.begin();
        FileWatch watch = new FileWatch();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Result>> asked = new ArrayList<>();
      for (UpstreamConfig upstream : config.upstreams().values()) {
        asked.add(
            threads.submit(() -> {
              try (Upstream client =
                  new Upstream(
                      upstream,
                      preparation.vertx(),
                      watch,
                      InstantSource.system(),
                      environment,
                      metrics)) {
                return ask(client);
              }
            }));
      }
      List<Result> results = new ArrayList<>();
      for (Future<Result> one : asked) {
        results.add(one.get());
      }
      return results;
    } catch (ExecutionException e) {
      throw new IllegalArgumentException(e.getCause());
    }
  }

  private static Result ask(Upstream client) {
    Optional<String> problem = client.check(); // before that nobody knows the credentials
    return new Result(client.name(), client.credentials().map(OnlineCheck::text), problem);
  }

  private static String text(CredentialStatus status) {
    return status.source() + status.username().map(name -> " as " + name).orElse("");
  }
}
