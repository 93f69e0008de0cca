package io.weir;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Who may know whom. A pull goes down through registry, cache, then store or upstream, and nobody
 * calls upwards; an exception to an arrow is made here, with its reason, or not at all.
 */
class ArchitectureTest {

  /** What each package may use of ours. A new package has to be put here. */
  private static final Map<String, List<String>> ARROWS =
      Map.ofEntries(
          // Values of the specification, and names of what is counted: leaves.
          Map.entry("oci", List.of()),
          Map.entry("metrics", List.of()),
          Map.entry("logging", List.of()),
          // Files that are no business of one room alone: noticing changes, certificates and keys.
          Map.entry("watch", List.of()),
          Map.entry("tls", List.of()),
          // Files that a browser gets; what they show they ask the API.
          Map.entry("web", List.of()),
          Map.entry("config", List.of("oci")),
          // Metrics: for the names that they and spans have in common.
          Map.entry("tracing", List.of("config", "metrics")),
          // Texts for others to read, made of what the server answers to.
          Map.entry("clients", List.of("oci", "config")),
          Map.entry("store", List.of("oci")),
          // Looks at what is stored; where to fetch it anew is told by a lambda.
          Map.entry("integrity", List.of("oci", "config", "metrics", "store")),
          Map.entry("upstream", List.of("oci", "config", "metrics", "tracing", "watch", "tls")),
          Map.entry("retention", List.of("oci", "config", "metrics", "store")),
          // Retention: what is fetched needs room before it is written.
          Map.entry(
              "cache",
              List.of("oci", "config", "metrics", "tracing", "store", "retention", "upstream")),
          Map.entry("auth", List.of("oci", "config", "metrics", "watch")),
          // Store and upstream: for the values that the cache hands out. Logging: for the access
          // log's entry.
          Map.entry(
              "registry",
              List.of(
                  "oci",
                  "config",
                  "logging",
                  "metrics",
                  "tracing",
                  "watch",
                  "tls",
                  "auth",
                  "cache",
                  "store",
                  "upstream")),
          // Cache: what is fetched ahead is asked for as a client would. Store and upstream: for
          // their
          // failures.
          Map.entry("warm", List.of("oci", "config", "tracing", "store", "upstream", "cache")),
          // Clients, store, retention, integrity, upstream and warm: what the API shows and
          // operates.
          // Logging: what was said lately. What is under way is told by a lambda.
          Map.entry(
              "admin",
              List.of(
                  "oci",
                  "config",
                  "logging",
                  "metrics",
                  "clients",
                  "store",
                  "retention",
                  "integrity",
                  "upstream",
                  "warm",
                  "web")),
          Map.entry("cli", List.of("clients", "config", "logging", "tls", "server")));

  /** The one class that wires the rooms lives in io.weir itself, and may know all but the CLI. */
  private static final List<String> WIRED_BY_SERVER =
      List.of(
          "oci",
          "logging",
          "metrics",
          "tracing",
          "watch",
          "config",
          "store",
          "integrity",
          "retention",
          "upstream",
          "cache",
          "auth",
          "registry",
          "warm",
          "admin");

  private static final JavaClasses CLASSES =
      new ClassFileImporter().withImportOption(new DoNotIncludeTests()).importPackages("io.weir");

  @Test
  void packagesUseOnlyWhatLiesBelowThem() {
    var rules =
        layeredArchitecture().consideringOnlyDependenciesInLayers().withOptionalLayers(true);
    for (String name : ARROWS.keySet()) {
      rules = rules.layer(name).definedBy("io.weir." + name + "..");
    }
    rules = rules.layer("server").definedBy("io.weir");
    for (Map.Entry<String, List<String>> arrows : ARROWS.entrySet()) {
      var layer = rules.whereLayer(arrows.getKey());
      rules =
          arrows.getValue().isEmpty()
              ? layer.mayNotAccessAnyLayer()
              : layer.mayOnlyAccessLayers(arrows.getValue().toArray(String[]::new));
    }
    rules
        .whereLayer("server")
        .mayOnlyAccessLayers(WIRED_BY_SERVER.toArray(String[]::new))
        .ensureAllClassesAreContainedInArchitecture()
        .check(CLASSES);
  }

  @Test
  void noPackageNeedsItself() {
    slices().matching("io.weir.(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  /** So that one library can be replaced in one place. */
  @ParameterizedTest(name = "{0} only in {1}")
  @MethodSource("homes")
  void aLibraryIsUsedOnlyAtItsHome(String library, List<String> homes) {
    noClasses()
        .that()
        .resideOutsideOfPackages(homes.toArray(String[]::new))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(library)
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  static List<Arguments> homes() {
    String server = "io.weir";
    return List.of(
        home("java.sql..", "io.weir.store.."),
        home("org.sqlite..", "io.weir.store.."),
        home("org.snakeyaml..", "io.weir.config.."),
        home("org.springframework..", "io.weir.auth.."),
        home("picocli..", "io.weir.cli.."),
        home("org.bouncycastle..", "io.weir.tls.."),
        home("io.vertx..", "io.weir.upstream..", "io.weir.admin..", server),
        home("io.netty..", "io.weir.registry..", "io.weir.upstream.."),
        home("io.opentelemetry..", "io.weir.tracing.."),
        home("io.prometheus..", "io.weir.metrics..", "io.weir.admin.."),
        home("ch.qos.logback..", "io.weir.logging.."),
        home("net.logstash..", "io.weir.logging.."),
        // Vert.x brings Jackson 2; ours is Jackson 3, tools.jackson, which shares its annotations.
        home("com.fasterxml.jackson.core.."),
        home("com.fasterxml.jackson.databind.."),
        home("com.fasterxml.jackson.annotation..", "io.weir.admin.."));
  }

  private static Arguments home(String library, String... homes) {
    return Arguments.of(library, List.of(homes));
  }
}
