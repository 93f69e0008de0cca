package io.weir.config;

import io.weir.config.Entry.Leaf;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Whether the listeners leave each other room, and who could reach what through them. */
final class ListenerChecks {

  /** A listener, and the section that it stands in. */
  private record Listener(Address address, Values section, Leaf<?, Address> key) {

    static Optional<Listener> of(Values section, Leaf<?, Address> key) {
      return section.mistakes(key)
          ? Optional.empty()
          : section
              .get(key)
              .or(() -> Optional.ofNullable(key.standard()))
              .map(address -> new Listener(address, section, key));
    }

    String path() {
      return section.below(key);
    }
  }

  private final Problems problems;

  private ListenerChecks(Problems problems) {
    this.problems = problems;
  }

  static void check(
      Values registry, Values admin, Map<String, Values> upstreams, Problems problems) {
    ListenerChecks checks = new ListenerChecks(problems);
    Optional<Listener> shared = Listener.of(registry, ConfigSchema.REGISTRY_LISTEN);
    List<Listener> all = new ArrayList<>();
    shared.ifPresent(all::add);
    Listener.of(admin, ConfigSchema.ADMIN_LISTEN).ifPresent(all::add);
    for (Values upstream : upstreams.values()) {
      Optional<Listener> own = Listener.of(upstream, ConfigSchema.LISTEN);
      own.ifPresent(all::add);
      if (!AuthAssembler.identifiesClients(registry)) {
        checks.checkReach(upstream, shared);
        checks.checkReach(upstream, own);
      }
    }
    checks.checkRoom(all);
  }

  private void checkRoom(List<Listener> listeners) {
    for (int i = 0; i < listeners.size(); i++) {
      Listener later = listeners.get(i);
      for (Listener earlier : listeners.subList(0, i)) {
        if (later.address().collidesWith(earlier.address())) {
          // Two defaults do not collide, so one of the two was written by the user.
          if (later.section().mentions(later.key())) {
            collision(later, earlier);
          } else {
            collision(earlier, later);
          }
        }
      }
    }
  }

  private void collision(Listener refused, Listener other) {
    problems.add(
        refused.section().placeOf(refused.key()),
        refused.path(),
        "expected an address of its own (got %s, while %s is %s)"
            .formatted(refused.address(), other.path(), other.address()));
  }

  /** Whoever can reach a listener could read what the upstream's credentials can. */
  private void checkReach(Values upstream, Optional<Listener> listener) {
    boolean closed =
        !upstream.mentions(ConfigSchema.CREDENTIALS)
            || upstream.mistakes(ConfigSchema.ALLOW_ANONYMOUS)
            || upstream.orStandard(ConfigSchema.ALLOW_ANONYMOUS);
    listener
        .filter(open -> !closed && !open.address().isLoopback())
        .ifPresent(open ->
            problems.add(
                upstream.placeOf(ConfigSchema.CREDENTIALS),
                upstream.below(ConfigSchema.CREDENTIALS),
                "expected registry.auth, or allow-anonymous: true beside it, or a loopback address"
                    + " as "
                    + open.path()
                    + " (got "
                    + open.address()
                    + "): whoever reaches that could read what these credentials can"));
  }
}
