package io.weir.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.vertx.core.Vertx;
import io.weir.cache.Cache;
import io.weir.config.Config;
import io.weir.config.ConfigLoader;
import io.weir.config.Overrides;
import io.weir.config.Surroundings;
import io.weir.integrity.Reconciliation;
import io.weir.integrity.Scrub;
import io.weir.logging.RecentLog;
import io.weir.metrics.Metrics;
import io.weir.retention.DiskSpace;
import io.weir.store.Store;
import io.weir.testing.FakeClock;
import io.weir.tracing.Tracing;
import io.weir.upstream.Upstreams;
import io.weir.warm.Warmer;
import io.weir.watch.FileWatch;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** That the API is what it says of itself; {@link ApiClient} holds each answer to it. */
class DescriptionTest {

  /**
   * The schema of OpenAPI 3.1 documents as the OpenAPI Initiative maintains it, {@code
   * src/schemas/validation/schema.yaml} at 76fa096c of its repository, as JSON. Apache-2.0.
   */
  private static final String OPENAPI_SCHEMA = "openapi-3.1-schema.json";

  @TempDir private Path data;

  @Test
  void itIsAnOpenApiDocument() throws IOException {
    SchemaRegistry schemas = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
    try (InputStream schema = DescriptionTest.class.getResourceAsStream(OPENAPI_SCHEMA)) {
      JsonNode document = JsonMapper.shared().readTree(Objects.requireNonNull(schema));

      assertThat(schemas.getSchema(document).validate(Description.read())).isEmpty();
    }
  }

  @Test
  void itsSchemasAreSchemas() throws IOException {
    SchemaRegistry schemas = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
    var dialect =
        schemas.loadSchema(
            com.networknt.schema.SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"));

    for (JsonNode schema : Description.read().at("/components/schemas")) {
      assertThat(dialect.validate(schema)).isEmpty();
    }
  }

  @Test
  void whatItRefersToIsThere() throws IOException {
    JsonNode document = Description.read();

    for (JsonNode reference : document.findValues("$ref")) {
      assertThat(document.at(reference.asString().substring(1)).isMissingNode())
          .as(reference.asString())
          .isFalse();
    }
  }

  @Test
  void itDescribesAllRoutesAndNoOthersWithTheirQueries() throws IOException {
    assertThat(described()).containsExactlyInAnyOrderElementsOf(routed());
  }

  private static List<String> described() throws IOException {
    List<String> described = new ArrayList<>();
    for (Map.Entry<String, JsonNode> path : Description.read().path("paths").properties()) {
      for (Map.Entry<String, JsonNode> operation : path.getValue().properties()) {
        Set<String> query = new TreeSet<>();
        for (JsonNode parameter : operation.getValue().path("parameters")) {
          if (parameter.path("in").asString().equals("query")) {
            query.add(parameter.path("name").asString());
          }
        }
        described.add(
            operation.getKey().toUpperCase(Locale.ROOT) + ' ' + path.getKey() + ' ' + query);
      }
    }
    return described;
  }

  private record NoTraffic() implements Traffic {

    @Override
    public List<Fetch> fetches() {
      return List.of();
    }

    @Override
    public List<Answer> answers() {
      return List.of();
    }
  }

  private List<String> routed() throws IOException {
    FakeClock clock = new FakeClock();
    Metrics metrics = new Metrics("1.2.3");
    Config config =
        new ConfigLoader(Surroundings.ofProcess(Map.of("HOME", data.toString())))
            .load(Optional.empty(), Overrides.NONE)
            .config();
    Vertx vertx = Vertx.vertx();
    try (RecentLog log = RecentLog.begin();
        Store store = Store.open(data, clock, clock);
        DiskSpace space = new DiskSpace(store, config, clock, clock, metrics);
        Reconciliation reconciliation = new Reconciliation(store, clock, metrics);
        Scrub scrub =
            new Scrub(config.scrub(), store, reconciliation, (_, _, _) -> {}, clock, metrics);
        FileWatch watch = new FileWatch();
        Upstreams upstreams = new Upstreams(vertx, watch, clock, Map.of(), metrics);
        Cache cache = new Cache(config.cache(), store, space, upstreams, clock, metrics)) {
      Rooms rooms =
          new Rooms(
              "1.2.3",
              clock.instant(),
              clock,
              () -> config,
              metrics,
              store,
              space,
              reconciliation,
              scrub,
              new NoTraffic(),
              log,
              upstreams::find,
              cache::forgetFailures,
              new Warmer(cache, () -> config, Tracing.OFF));
      try (Api api = Api.of(vertx, config.admin(), Optional::empty, rooms)) {
        return api.routes().stream()
            .map(route ->
                route.method()
                    + ' '
                    + route.template().replace("...", "")
                    + ' '
                    + new TreeSet<>(route.query()))
            .toList();
      }
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().join();
    }
  }
}
