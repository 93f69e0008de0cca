package io.weir.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** BuildKit and Kaniko. */
class BuildersTest {

  @Test
  void buildkitHasMirrorsAndHowToReachThem() {
    Told told = Told.to(ContainerRuntime.BUILDKIT, Told.mirror(Told.MUTUAL_TLS));
    JsonNode registries = told.toml("/etc/buildkit/buildkitd.toml").path("registry");

    assertThat(registries.path("docker.io"))
        .hasToString("{\"mirrors\":[\"cache:5000/docker.io\"]}");
    assertThat(registries.path("10.0.0.4:5000"))
        .hasToString("{\"mirrors\":[\"cache:5000/lab\"],\"http\":true}");
    assertThat(registries.path("cache:5010"))
        .hasToString(
            """
            {"ca":["/etc/buildkit/weir-ca.crt"],\
            "keypair":[{"cert":"/etc/buildkit/weir-client.crt",\
            "key":"/etc/buildkit/weir-client.key"}]}\
            """);
    assertThat(told.text("/etc/buildkit/weir-ca.crt")).isEqualTo(Told.CA.pem());
  }

  @Test
  void buildkitIsToldOfHttpAndCannotBeKeptFromTheRegistries() {
    Told told = Told.to(ContainerRuntime.BUILDKIT, Told.onlyMirror(Told.UPSTREAMS));

    assertThat(told.toml("buildkitd.toml").path("registry").path("cache:5000"))
        .hasToString("{\"http\":true}");
    assertThat(told.notes()).contains("nothing but a firewall");
  }

  private static List<String> flags(Told told) {
    return told.text("weir-kaniko-flags.txt")
        .lines()
        .filter(line -> !line.startsWith("#"))
        .toList();
  }

  /** With a dot in it, Kaniko would take the path for a registry, and go there without a word. */
  @Test
  void kanikoGetsNoPathWithADot() {
    Told told =
        Told.to(
            ContainerRuntime.KANIKO,
            Told.onlyMirror(
                """
                upstreams:
                  docker.io:
                  quay.io: {aliases: [quay.mirror, quay]}
                  ghcr.io:
                  gcr.io: {listen: ':5011'}
                  lab: {url: 'http://10.0.0.4:5000'}
                """));

    assertThat(flags(told))
        .containsExactly(
            "--registry-map=index.docker.io=cache:5000",
            "--registry-map=quay.io=cache:5000/quay",
            "--registry-map=gcr.io=cache:5011",
            "--registry-map=10.0.0.4:5000=cache:5000/lab",
            "--insecure-registry=cache:5000",
            "--insecure-registry=cache:5011",
            "--skip-default-registry-fallback");
    assertThat(told.notes())
        .contains(
            "ghcr.io is left out: it needs a name without dots, as in upstreams.ghcr.io.aliases:"
                + " [ghcr-io]");
  }

  @Test
  void kanikoIsToldWhomToTrust() {
    assertThat(flags(Told.to(ContainerRuntime.KANIKO, Told.mirror(Told.MUTUAL_TLS))))
        .contains(
            "--registry-certificate=cache:5000=/kaniko/ssl/weir-ca.crt",
            "--registry-client-cert=cache:5000=/kaniko/ssl/weir-client.crt,/kaniko/ssl/weir-client.key")
        .doesNotContain("--skip-default-registry-fallback");
  }
}
