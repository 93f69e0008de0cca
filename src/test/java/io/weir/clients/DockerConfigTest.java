package io.weir.clients;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DockerConfigTest {

  private static Told told(Mirror mirror) {
    return Told.to(ContainerRuntime.DOCKER, mirror);
  }

  @Test
  void theDaemonIsToldOfDockerHub() {
    assertThat(told(Told.mirror(Told.UPSTREAMS)).json("daemon.json"))
        .hasToString(
            """
            {"registry-mirrors":["http://cache:5000"],\
            "insecure-registries":["cache:5000","cache:5010"]}\
            """);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{registry: {default-upstream: none}, upstreams: {docker.io: }}|http://cache:5000/docker.io",
        "{upstreams: {docker.io: {listen: ':5009'}}}|http://cache:5009",
      })
  void theHubIsNamedWhereItHasToBe(String yaml, String url) {
    assertThat(told(Told.mirror(yaml)).json("daemon.json").at("/registry-mirrors/0").asString())
        .isEqualTo(url);
  }

  @Test
  void aPathIsForNewEnginesOnly() {
    assertThat(told(Told.mirror("{registry: {default-upstream: none}}")).notes())
        .contains("needs Docker Engine 25");
    assertThat(told(Told.mirror("{}")).notes()).doesNotContain("Engine 25");
  }

  @Test
  void byTlsNothingIsInsecure() {
    Told told = told(Told.mirror(Told.MUTUAL_TLS));

    assertThat(told.json("daemon.json"))
        .hasToString("{\"registry-mirrors\":[\"https://cache:5000\"]}");
    assertThat(told.text("/etc/docker/certs.d/cache:5000/ca.crt")).isEqualTo(Told.CA.pem());
    assertThat(told.notes()).contains("client.cert and client.key (PEM) in /etc/docker/certs.d/");
  }

  @Test
  void newEnginesAreToldOfAllRegistries() {
    assertThat(
            told(Told.onlyMirror(Told.UPSTREAMS))
                .toml("/etc/docker/certs.d/reg.example.net_5443_/hosts.toml")
                .path("server")
                .asString())
        .isEqualTo("http://cache:5000/v2/reg");
  }

  @Test
  void thatTheWayToTheHubStaysOpenIsTold() {
    assertThat(told(Told.onlyMirror(Told.UPSTREAMS)).notes()).contains("cannot close the way");
    assertThat(told(Told.mirror(Told.UPSTREAMS)).notes()).doesNotContain("cannot close the way");
  }

  @Test
  void withoutDockerHubThereIsNoDaemonJsonByTls() {
    String yaml =
        "{registry: {tls: {cert: a, key: b}, default-upstream: none}, upstreams: {quay.io: }}";

    assertThat(told(Told.mirror(yaml)).paths())
        .containsExactly(
            "/etc/docker/certs.d/cache:5000/ca.crt",
            "/etc/docker/certs.d/quay.io/hosts.toml",
            "/etc/docker/certs.d/weir-ca.crt");
  }
}
