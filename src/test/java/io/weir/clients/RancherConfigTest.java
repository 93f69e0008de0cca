package io.weir.clients;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** k3s and RKE2. */
class RancherConfigTest {

  @ParameterizedTest
  @EnumSource(names = {"K3S", "RKE2"})
  void eachRegistryHasAnEndpoint(ContainerRuntime runtime) {
    Told told = Told.to(runtime, Told.mirror(Told.UPSTREAMS));
    String path = "/etc/rancher/" + runtime.label() + "/registries.yaml";
    JsonNode registries = told.yaml(path);

    Told.assertValid(registries, "rancher-registries");
    assertThat(told.paths()).containsExactly(path);
    assertThat(registries)
        .hasToString(
            """
            {"mirrors":{"docker.io":{"endpoint":["http://cache:5000/v2/docker.io"]},\
            "quay.io":{"endpoint":["http://cache:5010"]},\
            "reg.example.net:5443":{"endpoint":["http://cache:5000/v2/reg"]},\
            "10.0.0.4:5000":{"endpoint":["http://cache:5000/v2/lab","http://10.0.0.4:5000"]},\
            "10.0.0.5:5000":{"endpoint":["http://cache:5000/v2/lab"]}}}\
            """);
  }

  @Test
  void trustAndLoginBelongToHostAndPort() {
    Told told = Told.to(ContainerRuntime.K3S, Told.withLogin(Told.mirror(Told.MUTUAL_TLS)));
    JsonNode registries = told.yaml("registries.yaml");

    Told.assertValid(registries, "rancher-registries");
    assertThat(registries.path("configs").propertyNames())
        .containsExactly("cache:5000", "cache:5010");
    assertThat(registries.path("configs").path("cache:5010"))
        .hasToString(
            """
            {"auth":{"username":"USERNAME","password":"PASSWORD"},\
            "tls":{"ca_file":"/etc/rancher/k3s/weir-ca.crt",\
            "cert_file":"/etc/rancher/k3s/weir-client.crt",\
            "key_file":"/etc/rancher/k3s/weir-client.key"}}\
            """);
    assertThat(told.text("/etc/rancher/k3s/weir-ca.crt")).isEqualTo(Told.CA.pem());
  }

  @Test
  void theRegistriesThemselvesAreClosedByTheProgramsOwnConfiguration() {
    Told told = Told.to(ContainerRuntime.RKE2, Told.onlyMirror(Told.UPSTREAMS));

    assertThat(told.yaml("/etc/rancher/rke2/config.yaml.d/50-weir.yaml"))
        .hasToString("{\"disable-default-registry-endpoint\":true}");
    assertThat(told.yaml("registries.yaml").toString()).doesNotContain("http://10.0.0.4:5000");
  }
}
