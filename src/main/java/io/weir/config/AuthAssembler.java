package io.weir.config;

import io.weir.config.Values.Located;
import io.weir.oci.ImagePattern;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Builds what is said of who may pull what, and checks that somebody can. */
final class AuthAssembler {

  private final Set<String> upstreams;
  private final Problems problems;

  /**
   * An assembler.
   *
   * @param upstreams the names of all upstreams
   */
  AuthAssembler(Set<String> upstreams, Problems problems) {
    this.upstreams = upstreams;
    this.problems = problems;
  }

  /** Whether clients of the listener have to say who they are, unless told otherwise. */
  static boolean identifiesClients(Values registry) {
    return registry.mentions(ConfigSchema.REGISTRY_AUTH) || asksForCertificates(registry);
  }

  private static boolean asksForCertificates(Values registry) {
    return registry.group(ConfigSchema.REGISTRY_TLS).mentions(ConfigSchema.REGISTRY_TLS_CLIENT_CA);
  }

  /** What the section of the listener says. It means something only if there are no problems. */
  Optional<Config.Auth> auth(Values registry) {
    if (!registry.mentions(ConfigSchema.REGISTRY_AUTH)
        || registry.mistakes(ConfigSchema.REGISTRY_AUTH)) {
      return Optional.empty();
    }
    Values auth = registry.group(ConfigSchema.REGISTRY_AUTH);
    if (!auth.mentions(ConfigSchema.REGISTRY_AUTH_HTPASSWD) && !asksForCertificates(registry)) {
      problems.add(
          auth.place(),
          auth.below(ConfigSchema.REGISTRY_AUTH_HTPASSWD),
          "expected a file of users and passwords, or client-ca in registry.tls:"
              + " otherwise nobody could say who they are (got nothing)");
    }
    Optional<Config.Allowed> anonymous =
        auth.mentions(ConfigSchema.REGISTRY_AUTH_ANONYMOUS)
            ? Optional.of(allowed(auth.group(ConfigSchema.REGISTRY_AUTH_ANONYMOUS)))
            : Optional.empty();
    return Optional.of(
        new Config.Auth(auth.get(ConfigSchema.REGISTRY_AUTH_HTPASSWD), anonymous, users(auth)));
  }

  private Map<String, Config.Allowed> users(Values auth) {
    Optional<Map<String, Values>> given = auth.named(ConfigSchema.REGISTRY_AUTH_USERS);
    if (given.isPresent() && given.get().isEmpty()) {
      problems.add(
          auth.placeOf(ConfigSchema.REGISTRY_AUTH_USERS),
          auth.below(ConfigSchema.REGISTRY_AUTH_USERS),
          "expected at least one user; without this key every user may pull everything");
    }
    Map<String, Config.Allowed> users = new LinkedHashMap<>();
    given.orElse(Map.of()).forEach((name, values) -> users.put(name, allowed(values)));
    return users;
  }

  private Config.Allowed allowed(Values values) {
    Optional<Located<List<ImagePattern>>> given = values.located(ConfigSchema.ALLOWED_REPOSITORIES);
    List<ImagePattern> patterns = given.map(Located::value).orElse(List.of());
    if (given.isPresent() && patterns.isEmpty()) {
      problems.add(
          given.get().place(),
          given.get().path(),
          "expected at least one pattern; '**' is everything (got an empty list)");
    }
    patterns.forEach(pattern -> checkUpstream(pattern, given.orElseThrow()));
    return new Config.Allowed(patterns);
  }

  /** A name without a star in it is that of an upstream, or a slip that would refuse all pulls. */
  private void checkUpstream(ImagePattern pattern, Located<?> place) {
    String text = pattern.toString();
    String upstream = text.substring(0, Math.max(0, text.indexOf('/')));
    if (!upstream.isEmpty() && upstream.indexOf('*') < 0 && !upstreams.contains(upstream)) {
      problems.add(
          place.place(),
          place.path(),
          "expected a pattern that begins with the name of an upstream (got "
              + Suggestions.got(text, true)
              + ")"
              + Suggestions.didYouMean(upstream, upstreams));
    }
  }
}
