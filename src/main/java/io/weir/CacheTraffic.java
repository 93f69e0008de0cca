package io.weir;

import io.weir.admin.Traffic;
import io.weir.cache.Cache;
import io.weir.cache.FetchStatus;
import io.weir.registry.AnswerStatus;
import io.weir.registry.RegistryServer;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * Shows operators what the cache fetches and what goes out to clients.
 *
 * @param cache what fetches
 * @param registry what answers
 */
record CacheTraffic(Cache cache, RegistryServer registry) implements Traffic {

  @Override
  public List<Fetch> fetches() {
    return cache.fetches().stream().map(CacheTraffic::fetch).toList();
  }

  private static Fetch fetch(FetchStatus fetch) {
    return new Fetch(
        fetch.origin().upstream(),
        fetch.origin().repository().name(),
        fetch.digest(),
        known(fetch.sizeBytes()),
        fetch.receivedBytes(),
        fetch.readers(),
        fetch.started(),
        fetch.readers() == 0);
  }

  @Override
  public List<Answer> answers() {
    return registry.answers().stream().map(CacheTraffic::answer).toList();
  }

  private static Answer answer(AnswerStatus answer) {
    return new Answer(
        answer.id(),
        answer.origin().upstream(),
        answer.origin().repository().name(),
        answer.reference(),
        Optional.ofNullable(answer.client()).map(InetAddress::getHostAddress),
        Optional.of(answer.user()).filter(user -> !user.isEmpty()),
        known(answer.sizeBytes()),
        answer.sentBytes(),
        answer.started(),
        answer.outcome().label());
  }

  private static Optional<Long> known(long sizeBytes) {
    return Optional.of(sizeBytes).filter(bytes -> bytes >= 0);
  }
}
