package io.weir.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OverridesTest {

  @Test
  void theCommandLineWinsOverTheFile() {
    Config config =
        Parsing.parse(
            "registry: {listen: 'a:1'}\nadmin: {listen: 'a:2'}\nstore: {path: /x}",
            new Overrides(
                Optional.of("[::1]:3"),
                Optional.of("localhost:4"),
                Optional.of(Path.of("data")),
                List.of()));

    assertThat(config.registry().listen()).isEqualTo(new Address("::1", 3));
    assertThat(config.admin().listen()).isEqualTo(new Address("localhost", 4));
    assertThat(config.store().path()).isEqualTo(Path.of("/srv/data"));
  }

  @Test
  void anUpstreamIsAddedToTheDefaultOnes() {
    Config config =
        Parsing.parse("", upstreams("lab=http://10.0.0.4:5000/a", "registry.example.net"));

    assertThat(config.upstreams()).hasSize(12).containsKeys("docker.io", "registry.example.net");
    assertThat(Parsing.upstream(config, "lab").urls())
        .containsExactly(URI.create("http://10.0.0.4:5000/a"));
  }

  @Test
  void anUpstreamOfTheFileGetsAnotherUrlAndKeepsTheRest() {
    Config config =
        Parsing.parse(
            "upstreams: {lab: {urls: [https://a.io, https://b.io], connections: 3}}",
            upstreams("lab=http://localhost:1", "lab"));

    UpstreamConfig lab = Parsing.upstream(config, "lab");
    assertThat(lab.urls()).containsExactly(URI.create("http://localhost:1"));
    assertThat(lab.connections()).isEqualTo(3);
  }

  @Test
  void dockerHubOnTheCommandLineBecomesTheDefaultUpstream() {
    assertThat(
            Parsing.parse("upstreams: {quay.io: }", upstreams("docker.io"))
                .registry()
                .defaultUpstream())
        .contains("docker.io");
  }

  private static Overrides upstreams(String... options) {
    return new Overrides(Optional.empty(), Optional.empty(), Optional.empty(), List.of(options));
  }
}
