package io.weir.upstream;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What one upstream's credential helpers gave, for each of its registries. One helper runs at a
 * time. Thread-safe.
 */
final class Helpers {

  /** Docker Hub has kept the name of its first interface as the key of its credentials. */
  private static final String DOCKER_HUB_KEY = "https://index.docker.io/v1/";

  private final String upstream;
  private final InstantSource clock;
  private final Map<String, String> environment;
  private final ReentrantLock turn = new ReentrantLock();
  private final Map<Question, KeptCredential> kept = new ConcurrentHashMap<>();

  private record Question(List<String> command, String serverUrl) {}

  /**
   * @param environment of the programs
   */
  Helpers(String upstream, InstantSource clock, Map<String, String> environment) {
    this.upstream = upstream;
    this.clock = clock;
    this.environment = Map.copyOf(environment);
  }

  /** What a helper gives that has to know the registry. */
  KeptCredential required(List<String> command, Endpoint endpoint, Duration refresh) {
    return kept(command, endpoint, refresh, true);
  }

  /** What a helper gives that may not know the registry; then one is nobody there. */
  KeptCredential optional(List<String> command, Endpoint endpoint, Duration refresh) {
    return kept(command, endpoint, refresh, false);
  }

  private KeptCredential kept(
      List<String> command, Endpoint endpoint, Duration refresh, boolean isRequired) {
    String registry = endpoint.registry();
    String serverUrl = registry.equals("docker.io") ? DOCKER_HUB_KEY : registry;
    return kept.computeIfAbsent(
        new Question(command, serverUrl),
        question -> {
          CredentialHelper helper =
              new CredentialHelper(question.command, environment, CredentialHelper.LIMIT);
          return new KeptCredential(
              upstream, helper, question.serverUrl, refresh, isRequired, clock, turn);
        });
  }
}
