package io.weir.config;

import io.weir.config.Entry.Leaf;
import io.weir.config.Problems.Place;
import io.weir.config.TagsConfig.Rule;
import io.weir.config.Type.Scalar;
import io.weir.config.Values.Located;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Builds the configuration from what was read, the command line and the defaults, and checks what
 * one key means for another.
 *
 * <p>A key that could not be read is a problem already told, so nothing is concluded from its
 * absence.
 */
final class ConfigAssembler {

  private final Values root;
  private final Overrides overrides;
  private final Surroundings surroundings;
  private final Problems problems;

  ConfigAssembler(Values root, Overrides overrides, Surroundings surroundings, Problems problems) {
    this.root = root;
    this.overrides = overrides;
    this.surroundings = surroundings;
    this.problems = problems;
  }

  /** The configuration. It means something only if there are no problems now. */
  Config assemble() {
    Values registry =
        withOption(
            root.group(ConfigSchema.REGISTRY),
            ConfigSchema.REGISTRY_LISTEN,
            Types.ADDRESS,
            "--listen",
            overrides.listen());
    Values admin =
        withOption(
            root.group(ConfigSchema.ADMIN),
            ConfigSchema.ADMIN_LISTEN,
            Types.ADDRESS,
            "--admin",
            overrides.admin());
    Map<String, Values> listed = withOptions(listed());
    TagsConfig tags = tags(root.group(ConfigSchema.TAGS), standardTags());
    Config.Retention retention = retention(root.group(ConfigSchema.RETENTION));

    UpstreamAssembler assembler = new UpstreamAssembler(problems);
    Map<String, UpstreamConfig> upstreams = new LinkedHashMap<>();
    listed.forEach((name, values) -> {
      TagsConfig own = tags(values.group(ConfigSchema.UPSTREAM_TAGS), tags);
      RetentionConfig ownRetention =
          retention(values.group(ConfigSchema.UPSTREAM_RETENTION), retention);
      upstreams.put(name, assembler.upstream(name, values, own, ownRetention));
    });
    Map<String, String> names = UpstreamNames.claim(listed, problems);
    ListenerChecks.check(registry, admin, listed, problems);

    return new Config(
        new Config.Registry(
            registry.orStandard(ConfigSchema.REGISTRY_LISTEN),
            defaultUpstream(registry, names),
            registry.orStandard(ConfigSchema.REGISTRY_SHUTDOWN_GRACE),
            tls(registry.group(ConfigSchema.REGISTRY_TLS)),
            registry.orStandard(ConfigSchema.REGISTRY_PREFER_HTTP2),
            new AuthAssembler(upstreams.keySet(), problems).auth(registry)),
        new Config.Admin(
            admin.orStandard(ConfigSchema.ADMIN_LISTEN), admin.get(ConfigSchema.ADMIN_TOKEN_FILE)),
        store(root.group(ConfigSchema.STORE)),
        retention,
        scrub(root.group(ConfigSchema.SCRUB)),
        cache(root.group(ConfigSchema.CACHE)),
        tracing(root.group(ConfigSchema.TRACING)),
        tags,
        upstreams);
  }

  private Config.Store store(Values section) {
    return new Config.Store(
        overrides
            .data()
            .map(path -> surroundings.workingDirectory().resolve(path).normalize())
            .or(() -> section.get(ConfigSchema.STORE_PATH))
            .orElseGet(surroundings::defaultStore),
        section.orStandard(ConfigSchema.STORE_MAX_SIZE),
        section.orStandard(ConfigSchema.STORE_MIN_FREE));
  }

  private static Config.Retention retention(Values section) {
    return new Config.Retention(
        section.orStandard(ConfigSchema.RETENTION_TTL),
        section.orStandard(ConfigSchema.RETENTION_LOW_WATER),
        section.orStandard(ConfigSchema.RETENTION_PINS));
  }

  /** What the section of an upstream says, or else what holds for all. */
  private static RetentionConfig retention(Values section, Config.Retention common) {
    return new RetentionConfig(
        section.get(ConfigSchema.UPSTREAM_RETENTION_TTL).orElse(common.ttl()),
        section.get(ConfigSchema.UPSTREAM_RETENTION_MAX_SIZE));
  }

  private static Config.Cache cache(Values section) {
    return new Config.Cache(
        section.orStandard(ConfigSchema.CACHE_ABANDONED),
        section.orStandard(ConfigSchema.CACHE_PREFETCH),
        section.orStandard(ConfigSchema.CACHE_CONNECTIONS_PER_BLOB));
  }

  private static Config.Tracing tracing(Values section) {
    return new Config.Tracing(
        section.get(ConfigSchema.TRACING_ENDPOINT),
        section.get(ConfigSchema.TRACING_SAMPLE_RATIO),
        section.get(ConfigSchema.TRACING_SERVICE_NAME));
  }

  private static Config.Scrub scrub(Values section) {
    return new Config.Scrub(
        section.orStandard(ConfigSchema.SCRUB_INTERVAL),
        section.orStandard(ConfigSchema.SCRUB_BANDWIDTH),
        section.orStandard(ConfigSchema.SCRUB_VERIFY_ON_READ));
  }

  private static Optional<Config.Tls> tls(Values section) {
    return section
        .get(ConfigSchema.REGISTRY_TLS_CERT)
        .flatMap(cert ->
            section
                .get(ConfigSchema.REGISTRY_TLS_KEY)
                .map(key ->
                    new Config.Tls(cert, key, section.get(ConfigSchema.REGISTRY_TLS_CLIENT_CA))));
  }

  private Optional<String> defaultUpstream(Values registry, Map<String, String> names) {
    Optional<Located<String>> given = registry.located(ConfigSchema.REGISTRY_DEFAULT_UPSTREAM);
    if (given.isEmpty()) {
      return Optional.ofNullable(names.get(WellKnownUpstreams.DOCKER_IO));
    }
    String name = given.get().value();
    if (name.equals(ConfigSchema.NO_UPSTREAM)) {
      return Optional.empty();
    }
    if (!names.containsKey(name)) {
      problems.add(
          given.get().place(),
          given.get().path(),
          "expected "
              + Types.UPSTREAM_REFERENCE.expected()
              + " (got "
              + Suggestions.got(name, true)
              + ")"
              + Suggestions.didYouMean(name, names.keySet()));
    }
    return Optional.ofNullable(names.get(name));
  }

  // Tags

  private static TagsConfig standardTags() {
    Values nothing = Values.none(new Place("", 0), "");
    return new TagsConfig(
        nothing.orStandard(ConfigSchema.TAGS_REFRESH),
        nothing.orStandard(ConfigSchema.TAGS_STALE_IF_ERROR),
        List.of());
  }

  /** What the section says, key by key, or else what {@code absent} says. */
  private static TagsConfig tags(Values section, TagsConfig absent) {
    return new TagsConfig(
        section.get(ConfigSchema.TAGS_REFRESH).orElse(absent.refresh()),
        section.get(ConfigSchema.TAGS_STALE_IF_ERROR).orElse(absent.staleIfError()),
        section
            .items(ConfigSchema.TAGS_RULES)
            .map(rules -> rules.stream().flatMap(ConfigAssembler::rule).toList())
            .orElse(absent.rules()));
  }

  private static Stream<Rule> rule(Values section) {
    return section.get(ConfigSchema.RULE_MATCH).stream()
        .flatMap(match ->
            section.get(ConfigSchema.RULE_REFRESH).stream()
                .map(refresh -> new Rule(match, refresh)));
  }

  // Which upstreams there are

  private Map<String, Values> listed() {
    Optional<Map<String, Values>> given = root.named(ConfigSchema.UPSTREAMS);
    if (given.isPresent()) {
      if (given.get().isEmpty() && overrides.upstreams().isEmpty()) {
        problems.add(
            root.placeOf(ConfigSchema.UPSTREAMS),
            ConfigSchema.UPSTREAMS.name(),
            "expected at least one upstream; without this key there are the default ones");
      }
      return given.get();
    }
    Map<String, Values> standard = new LinkedHashMap<>();
    for (String name : WellKnownUpstreams.STANDARD) {
      standard.put(name, Values.none(root.place(), upstreamPath(name)));
    }
    return standard;
  }

  private Map<String, Values> withOptions(Map<String, Values> listed) {
    Map<String, Values> all = new LinkedHashMap<>(listed);
    Place place = new Place("--upstream", 0);
    for (String option : overrides.upstreams()) {
      String[] nameAndUrl = option.split("=", 2);
      parse(Types.UPSTREAM_NAME, nameAndUrl[0], place, "")
          .ifPresent(name -> {
            Values values = all.getOrDefault(name, Values.none(place, upstreamPath(name)));
            all.put(name, nameAndUrl.length == 1 ? values : withUrl(values, nameAndUrl[1]));
          });
    }
    return all;
  }

  private Values withUrl(Values upstream, String url) {
    return withOption(
        upstream.without(ConfigSchema.URLS),
        ConfigSchema.URL,
        Types.REGISTRY_URL,
        "--upstream",
        Optional.of(url));
  }

  private static String upstreamPath(String name) {
    return Values.below(ConfigSchema.UPSTREAMS.name(), name);
  }

  // The command line

  private <T> Values withOption(
      Values section, Leaf<?, T> key, Scalar<T> type, String option, Optional<String> text) {
    if (text.isEmpty()) {
      return section;
    }
    Place place = new Place(option, 0);
    return parse(type, text.get(), place, section.below(key))
        .map(value -> section.with(key, value, place))
        .orElseGet(() -> section.withMistake(key));
  }

  private <T> Optional<T> parse(Scalar<T> type, String text, Place place, String path) {
    return new ConfigReader(place.source(), surroundings.workingDirectory(), problems)
        .parse(type, text, true, place, path);
  }
}
