package io.weir.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.toml.TomlMapper;

/** containerd and all that bring it along. */
class HostsTomlTest {

  private static Told plain() {
    return Told.to(ContainerRuntime.CONTAINERD, Told.mirror(Told.UPSTREAMS));
  }

  @Test
  void eachRegistryHasAFolder() {
    assertThat(plain().paths())
        .containsExactly(
            "/etc/containerd/certs.d/docker.io/hosts.toml",
            "/etc/containerd/certs.d/quay.io/hosts.toml",
            "/etc/containerd/certs.d/reg.example.net_5443_/hosts.toml",
            "/etc/containerd/certs.d/10.0.0.4_5000_/hosts.toml",
            "/etc/containerd/certs.d/10.0.0.5_5000_/hosts.toml",
            "/etc/containerd/weir-config-path-v2.toml",
            "/etc/containerd/weir-config-path-v3.toml");
  }

  /** Its folders know hosts only, and {@code quay.io} here is another upstream. */
  @Test
  void whatIsOnlyAPartOfARegistryIsLeftOutAndTold() {
    assertThat(plain().notes())
        .contains(
            "so quay.io/openshift-release-dev is left out: name cache:5000/ocp4-mirror/REPOSITORY");
  }

  @ParameterizedTest
  @CsvSource({
    "docker.io, https://registry-1.docker.io, http://cache:5000/v2/docker.io",
    "reg.example.net_5443_, https://reg.example.net:5443, http://cache:5000/v2/reg",
    "10.0.0.4_5000_, http://10.0.0.4:5000, http://cache:5000/v2/lab",
  })
  void theRegistryIsAskedAfterTheMirror(String folder, String server, String mirror) {
    JsonNode toml = plain().toml(folder + "/hosts.toml");

    assertThat(toml.path("server").asString()).isEqualTo(server);
    JsonNode host = toml.path("host").path(mirror);
    assertThat(host.path("capabilities")).hasToString("[\"pull\",\"resolve\"]");
    assertThat(host.path("override_path").asBoolean()).isTrue();
    assertThat(host.path("dial_timeout").asString()).isEqualTo("3s");
    assertThat(host.size()).isEqualTo(3);
  }

  @Test
  void aPortOfItsOwnNeedsNoPath() {
    JsonNode host = plain().toml("quay.io/hosts.toml").path("host").path("http://cache:5010");

    assertThat(host.has("capabilities")).isTrue();
    assertThat(host.has("override_path")).isFalse();
  }

  @Test
  void onlyTheMirrorIsAskedWhereThatIsWanted() {
    JsonNode toml =
        Told.to(ContainerRuntime.CONTAINERD, Told.onlyMirror(Told.MUTUAL_TLS))
            .toml("docker.io/hosts.toml");

    assertThat(toml.path("server").asString()).isEqualTo("https://cache:5000/v2/docker.io");
    assertThat(toml.path("override_path").asBoolean()).isTrue();
    assertThat(toml.path("capabilities")).hasToString("[\"pull\",\"resolve\"]");
    assertThat(toml.path("ca").asString()).isEqualTo("../weir-ca.crt");
    assertThat(toml.path("client"))
        .hasToString("[[\"../weir-client.crt\",\"../weir-client.key\"]]");
    // containerd 1.6 refuses a file without it.
    assertThat(toml.path("host").isObject()).isTrue();
    assertThat(toml.path("host").isEmpty()).isTrue();
  }

  @Test
  void trustLiesBesideTheFolders() {
    Told told = Told.to(ContainerRuntime.CONTAINERD, Told.mirror(Told.MUTUAL_TLS));
    JsonNode host =
        told.toml("docker.io/hosts.toml").path("host").path("https://cache:5000/v2/docker.io");

    assertThat(told.text("/etc/containerd/certs.d/weir-ca.crt")).isEqualTo(Told.CA.pem());
    assertThat(host.path("ca").asString()).isEqualTo("../weir-ca.crt");
    assertThat(host.path("client"))
        .hasToString("[[\"../weir-client.crt\",\"../weir-client.key\"]]");
    assertThat(told.text("docker.io/hosts.toml"))
        .contains("have to lie in /etc/containerd/certs.d");
  }

  /** Whoever takes the # away gets a header that is sent to the mirror. */
  @Test
  void theLoginIsAHeaderToBeFilledIn() {
    for (Mirror mirror : List.of(Told.mirror(Told.UPSTREAMS), Told.onlyMirror(Told.UPSTREAMS))) {
      Told told = Told.to(ContainerRuntime.CONTAINERD, Told.withLogin(mirror));
      String text = told.text("docker.io/hosts.toml");
      assertThat(told.toml("docker.io/hosts.toml").toString()).doesNotContain("Authorization");

      String filled = text.replaceAll("(?m)^( *)# (?=\\[|  Authorization)", "$1");
      JsonNode toml = TomlMapper.builder().build().readTree(filled);
      JsonNode host =
          mirror.onlyMirror() ? toml : toml.path("host").path("http://cache:5000/v2/docker.io");
      assertThat(host.path("header").path("Authorization"))
          .hasToString("[\"Basic BASE64_OF_USERNAME:PASSWORD\"]");
    }
  }

  @ParameterizedTest
  @CsvSource({"2, io.containerd.grpc.v1.cri", "3, io.containerd.cri.v1.images"})
  void containerdIsToldOfOneFolder(int version, String plugin) {
    JsonNode toml = plain().toml("weir-config-path-v" + version + ".toml");

    assertThat(toml.path("version").asInt()).isEqualTo(version);
    assertThat(toml.path("plugins").path(plugin).path("registry").path("config_path").asString())
        .isEqualTo("/etc/containerd/certs.d");
  }

  @Test
  void kindMountsTheSameFiles() {
    Told told = Told.to(ContainerRuntime.KIND, Told.mirror(Told.MUTUAL_TLS));
    JsonNode cluster = told.yaml("kind-cluster.yaml");

    Told.assertValid(cluster, "kind-Cluster");
    assertThat(cluster.at("/nodes/0/extraMounts/0/hostPath").asString()).isEqualTo("./certs.d");
    assertThat(cluster.at("/nodes/0/extraMounts/0/containerPath").asString())
        .isEqualTo("/etc/containerd/certs.d");
    assertThat(told.paths()).contains("certs.d/docker.io/hosts.toml", "certs.d/weir-ca.crt");
    JsonNode patch =
        TomlMapper.builder().build().readTree(cluster.at("/containerdConfigPatches/0").asString());
    assertThat(
            patch
                .path("plugins")
                .path("io.containerd.grpc.v1.cri")
                .path("registry")
                .path("config_path")
                .asString())
        .isEqualTo("/etc/containerd/certs.d");
  }

  @Test
  void microk8sHasThemInItsSnap() {
    Told told = Told.to(ContainerRuntime.MICROK8S, Told.mirror(Told.UPSTREAMS));

    assertThat(
            told.toml("/var/snap/microk8s/current/args/certs.d/docker.io/hosts.toml")
                .path("host")
                .has("http://cache:5000/v2/docker.io"))
        .isTrue();
  }

  @Test
  void minikubeIsToldForEachRuntime() {
    Told told = Told.to(ContainerRuntime.MINIKUBE, Told.mirror(Told.MUTUAL_TLS));
    Told plain = Told.to(ContainerRuntime.MINIKUBE, Told.mirror(Told.UPSTREAMS));

    assertThat(told.toml(".minikube/files/etc/containerd/certs.d/docker.io/hosts.toml").has("host"))
        .isTrue();
    assertThat(
            told.toml(".minikube/files/etc/containers/registries.conf.d/50-weir.conf")
                .at("/registry/0/mirror/0/location")
                .asString())
        .isEqualTo("cache:5000/docker.io");
    assertThat(told.text(".minikube/certs/weir-ca.pem")).isEqualTo(Told.CA.pem());
    assertThat(told.notes()).contains("--registry-mirror=https://cache:5000 --embed-certs");
    assertThat(plain.notes())
        .contains("--registry-mirror=http://cache:5000 --insecure-registry=cache:5000");
  }
}
