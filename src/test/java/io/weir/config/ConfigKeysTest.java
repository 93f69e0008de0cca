package io.weir.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.config.Config.Abandoned;
import io.weir.config.TagsConfig.StaleIfError;
import io.weir.config.UpstreamConfig.Credentials;
import io.weir.config.UpstreamConfig.SecretSource;
import io.weir.config.UpstreamConfig.Timeouts;
import io.weir.config.UpstreamConfig.Tls;
import io.weir.oci.ImagePattern;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ConfigKeysTest {

  private static final String EVERY_KEY =
      """
      registry:
        listen: 127.0.0.1:6000
        default-upstream: hub
        shutdown-grace: 90s
        tls: {cert: tls.crt, key: secrets/tls.key, client-ca: /etc/ssl/clients.crt}
        prefer-http2: true
        auth:
          htpasswd: users.htpasswd
          anonymous: {allow: [hub/library/*]}
          users:
            ci: {allow: [hub/team-a/**, 'registry.example.net:5000/**']}
            '*': {allow: ['**']}
      admin:
        listen: "[::1]:6001"
        token-file: admin.token
      store:
        path: ../pool
        max-size: 1Ti
        min-free: 0
      retention:
        ttl: 0
        low-water: 50%
        pins: ['**:latest', registry.k8s.io/**, 'docker.io/library/alpine:3.*']
      scrub:
        interval: 12h
        bandwidth: 100M
        verify-on-read: true
      cache:
        abandoned: stop
        prefetch: 9
        connections-per-blob: 3
      tracing:
        endpoint: HTTP://Collector.example.net:4318/otlp/
        sample-ratio: 0.25
        service-name: edge
      tags:
        refresh: 0
        stale-if-error: 7d
        rules:
          - {match: '^v?\\d+\\.\\d+\\.\\d+$', refresh: 24h}
          - match: nightly
            refresh: 500ms
      upstreams:
        hub:
          urls: [http://10.0.0.4:5000, HTTPS://Mirror.Example.net/team/]
          aliases: [docker.io, dockerhub]
          hosts: [Hub.internal.example.net]
          listen: :6010
          credentials: {username: me, password-file: secrets/hub}
          allow-anonymous: true
          token-realms: [auth.docker.io, 'auth.example.net:8443']
          tls: {ca: ca.crt, client-cert: me.crt, client-key: me.key, insecure-skip-verify: true}
          proxy: http://proxy.example.net:3128/
          allow: [library/*, team-a/**]
          deny: [library/secret]
          connections: 4
          timeouts: {connect: 1s, response: 2m, stall: 3s}
          tags: {refresh: 10m, stale-if-error: never, rules: []}
          retention: {ttl: 8760h, max-size: 25%}
        env:
          url: https://env.example.net/prefix
          credentials: {username: '007', password-env: ENV_PASSWORD}
          allow-anonymous: true
        registry.example.net:5000:
          aliases: [example]
          credentials: {docker-config: /run/pull-secret.json}
        ecr:
          url: https://123456789012.dkr.ecr.eu-west-1.amazonaws.com
          credentials:
            exec: [docker-credential-test, --token=s3cret, -p, s3cret, --verbose, NAME=s3cret, get]
            refresh: 6h
          allow-anonymous: true
      """;

  private final Config config = Parsing.parse(EVERY_KEY);

  @Test
  void theRegistrySectionIsRead() {
    assertThat(config.registry())
        .isEqualTo(
            new Config.Registry(
                new Address("127.0.0.1", 6000),
                Optional.of("hub"),
                Duration.ofSeconds(90),
                Optional.of(
                    new Config.Tls(
                        Path.of("/etc/weir/tls.crt"),
                        Path.of("/etc/weir/secrets/tls.key"),
                        Optional.of(Path.of("/etc/ssl/clients.crt")))),
                true,
                Optional.of(
                    new Config.Auth(
                        Optional.of(Path.of("/etc/weir/users.htpasswd")),
                        Optional.of(allowed("hub/library/*")),
                        Map.of(
                            "ci",
                            allowed("hub/team-a/**", "registry.example.net:5000/**"),
                            "*",
                            allowed("**"))))));
  }

  private static Config.Allowed allowed(String... patterns) {
    return new Config.Allowed(Stream.of(patterns).map(ImagePattern::parse).toList());
  }

  @Test
  void theAdminSectionIsRead() {
    assertThat(config.admin())
        .isEqualTo(
            new Config.Admin(
                new Address("::1", 6001), Optional.of(Path.of("/etc/weir/admin.token"))));
  }

  @Test
  void theStoreSectionIsReadRelativeToTheFile() {
    assertThat(config.store())
        .isEqualTo(
            new Config.Store(Path.of("/etc/pool"), new Size.Bytes(1L << 40), new Size.Bytes(0)));
  }

  @Test
  void theRetentionSectionIsRead() {
    assertThat(config.retention())
        .isEqualTo(
            new Config.Retention(
                Duration.ZERO,
                50,
                List.of(
                    ImagePattern.parse("**:latest"),
                    ImagePattern.parse("registry.k8s.io/**"),
                    ImagePattern.parse("docker.io/library/alpine:3.*"))));
  }

  @Test
  void theScrubSectionIsRead() {
    assertThat(config.scrub()).isEqualTo(new Config.Scrub(Duration.ofHours(12), 100_000_000, true));
  }

  @Test
  void theCacheSectionIsRead() {
    assertThat(config.cache()).isEqualTo(new Config.Cache(Abandoned.STOP, 9, 3));
  }

  @Test
  void theTracingSectionIsRead() {
    assertThat(config.tracing())
        .isEqualTo(
            new Config.Tracing(
                Optional.of(URI.create("http://collector.example.net:4318/otlp")),
                Optional.of(0.25),
                Optional.of("edge")));
    assertThat(Parsing.parse("tracing: {sample-ratio: 0}").tracing().sampleRatio()).contains(0.0);
  }

  @Test
  void theTagsSectionIsRead() {
    assertThat(config.tags().refresh()).isEqualTo(Duration.ZERO);
    assertThat(config.tags().staleIfError()).isEqualTo(new StaleIfError(Duration.ofDays(7)));
    assertThat(config.tags().refreshOf("v1.2.3")).isEqualTo(Duration.ofHours(24));
    assertThat(config.tags().refreshOf("my-nightly-1")).isEqualTo(Duration.ofMillis(500));
    assertThat(config.tags().refreshOf("v1.2")).isEqualTo(Duration.ZERO);
  }

  @Test
  void anUpstreamIsRead() {
    assertThat(Parsing.upstream(config, "hub"))
        .isEqualTo(
            new UpstreamConfig(
                "hub",
                List.of(
                    URI.create("http://10.0.0.4:5000"),
                    URI.create("https://mirror.example.net/team")),
                List.of("docker.io", "dockerhub"),
                List.of("hub.internal.example.net"),
                Optional.of(new Address("0.0.0.0", 6010)),
                Optional.of(
                    new Credentials.Login(
                        "me", new SecretSource.InFile(Path.of("/etc/weir/secrets/hub")))),
                true,
                List.of("auth.docker.io", "auth.example.net:8443"),
                new Tls(
                    Path.of("/etc/weir/ca.crt"),
                    Path.of("/etc/weir/me.crt"),
                    Path.of("/etc/weir/me.key"),
                    true),
                Optional.of(URI.create("http://proxy.example.net:3128")),
                List.of("library/*", "team-a/**"),
                List.of("library/secret"),
                4,
                new Timeouts(Duration.ofSeconds(1), Duration.ofMinutes(2), Duration.ofSeconds(3)),
                new TagsConfig(Duration.ofMinutes(10), StaleIfError.NEVER, List.of()),
                new RetentionConfig(Duration.ofDays(365), Optional.of(new Size.Percent(25)))));
  }

  @Test
  void aPasswordMayStandInTheEnvironment() {
    assertThat(Parsing.upstream(config, "env").credentials())
        .contains(new Credentials.Login("007", new SecretSource.InEnvironment("ENV_PASSWORD")));
  }

  @Test
  void credentialsMayStandInADockerConfig() {
    assertThat(Parsing.upstream(config, "registry.example.net:5000").credentials())
        .contains(
            new Credentials.DockerConfig(Path.of("/run/pull-secret.json"), Duration.ofMinutes(30)));
  }

  @Test
  void credentialsMayComeFromAProgram() {
    assertThat(Parsing.upstream(config, "ecr").credentials())
        .contains(
            new Credentials.Exec(
                List.of(
                    "docker-credential-test",
                    "--token=s3cret",
                    "-p",
                    "s3cret",
                    "--verbose",
                    "NAME=s3cret",
                    "get"),
                Duration.ofHours(6)));
  }

  /** Some programs take their secret there, and `ps` is not for everybody. */
  @Test
  void argumentsOfAProgramAreNotPrinted() {
    assertThat(ConfigPrinter.toYaml(config))
        .doesNotContain("s3cret")
        .contains(
            """
                  exec:
                  - docker-credential-test
                  - --token=***
                  - -p
                  - '***'
                  - --verbose
                  - '***'
                  - get
                  refresh: 6h
            """);
    assertThat(config.toString()).doesNotContain("s3cret");
  }

  @Test
  void aNameThatIsAHostNeedsNoUrl() {
    assertThat(Parsing.upstream(config, "registry.example.net:5000").urls())
        .containsExactly(URI.create("https://registry.example.net:5000"));
  }

  @Test
  void anUpstreamTakesTheTagFreshnessItDoesNotSayFromTheTop() {
    Config inherited =
        Parsing.parse(
            """
            tags: {refresh: 5m, stale-if-error: 1h, rules: [{match: a, refresh: 1s}]}
            upstreams:
              quay.io:
                tags: {refresh: 10m}
            """);

    TagsConfig own = Parsing.upstream(inherited, "quay.io").tags();
    assertThat(own.refresh()).isEqualTo(Duration.ofMinutes(10));
    assertThat(own.staleIfError()).isEqualTo(new StaleIfError(Duration.ofHours(1)));
    assertThat(own.rules()).isEqualTo(inherited.tags().rules());
  }

  @Test
  void anUpstreamTakesTheRetentionItDoesNotSayFromTheTop() {
    Config inherited =
        Parsing.parse(
            """
            retention: {ttl: 30d}
            upstreams:
              quay.io:
                retention: {max-size: 100Gi}
              ghcr.io:
                retention: {ttl: 0}
            """);

    assertThat(Parsing.upstream(inherited, "quay.io").retention())
        .isEqualTo(
            new RetentionConfig(Duration.ofDays(30), Optional.of(new Size.Bytes(100L << 30))));
    assertThat(Parsing.upstream(inherited, "ghcr.io").retention())
        .isEqualTo(new RetentionConfig(Duration.ZERO, Optional.empty()));
  }

  @Test
  void aDefaultUpstreamMayBeGivenByItsAlias() {
    Config byAlias = Parsing.parse("registry: {default-upstream: index.docker.io}");

    assertThat(byAlias.registry().defaultUpstream()).contains("docker.io");
  }

  @Test
  void noneIsNoDefaultUpstream() {
    assertThat(Parsing.parse("registry: {default-upstream: none}").registry().defaultUpstream())
        .isEmpty();
  }

  @Test
  void aListWithoutDockerHubHasNoDefaultUpstream() {
    assertThat(Parsing.parse("upstreams: {quay.io: }").registry().defaultUpstream()).isEmpty();
  }

  @Test
  void whatIsPrintedReadsAsTheSameConfiguration() {
    String printed = ConfigPrinter.toYaml(config);

    assertThat(ConfigPrinter.toYaml(Parsing.parse(printed))).isEqualTo(printed);
  }

  @Test
  void whatIsPrintedOfTheDefaultsReadsAsTheDefaults() {
    Config defaults = Parsing.parse("");

    assertThat(Parsing.parse(ConfigPrinter.toYaml(defaults))).isEqualTo(defaults);
  }

  @Test
  void whatIsPrintedIsYamlInTheOrderOfTheReference() {
    assertThat(ConfigPrinter.toYaml(config))
        .startsWith(
            """
            registry:
              listen: 127.0.0.1:6000
              default-upstream: hub
              shutdown-grace: 90s
              tls:
                cert: /etc/weir/tls.crt
                key: /etc/weir/secrets/tls.key
                client-ca: /etc/ssl/clients.crt
              prefer-http2: true
              auth:
                htpasswd: /etc/weir/users.htpasswd
                anonymous:
                  allow:
                  - hub/library/*
                users:
                  ci:
                    allow:
                    - hub/team-a/**
                    - registry.example.net:5000/**
                  '*':
                    allow:
                    - '**'
            admin:
              listen: '[::1]:6001'
              token-file: /etc/weir/admin.token
            store:
              path: /etc/pool
              max-size: 1Ti
              min-free: 0
            retention:
              ttl: 0
              low-water: 50%
              pins:
              - '**:latest'
              - registry.k8s.io/**
              - docker.io/library/alpine:3.*
            scrub:
              interval: 12h
              bandwidth: 100M
              verify-on-read: true
            cache:
              abandoned: stop
              prefetch: 9
              connections-per-blob: 3
            tracing:
              endpoint: http://collector.example.net:4318/otlp
              sample-ratio: 0.25
              service-name: edge
            tags:
              refresh: 0
              stale-if-error: 7d
            """);
  }
}
