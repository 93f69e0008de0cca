package io.weir.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** CRI-O, podman, buildah and skopeo. */
class RegistriesConfTest {

  private static final String PATH = "/etc/containers/registries.conf.d/50-weir.conf";

  private static List<String> tables(JsonNode toml) {
    List<String> tables = new ArrayList<>();
    toml.path("registry").forEach(table -> tables.add(table.toString()));
    return tables;
  }

  @ParameterizedTest
  @EnumSource(names = {"CRIO", "PODMAN", "BUILDAH", "SKOPEO"})
  void eachSourceHasATable(ContainerRuntime runtime) {
    Told told = Told.to(runtime, Told.mirror(Told.UPSTREAMS));

    assertThat(told.paths()).containsExactly(PATH);
    assertThat(tables(told.toml(PATH)))
        .hasSize(6)
        .contains(
            """
            {"prefix":"docker.io","location":"docker.io",\
            "mirror":[{"location":"cache:5000/docker.io","insecure":true}]}\
            """,
            """
            {"prefix":"quay.io","location":"quay.io",\
            "mirror":[{"location":"cache:5010","insecure":true}]}\
            """,
            """
            {"prefix":"10.0.0.4:5000","location":"10.0.0.4:5000","insecure":true,\
            "mirror":[{"location":"cache:5000/lab","insecure":true}]}\
            """,
            """
            {"prefix":"quay.io/openshift-release-dev","location":"quay.io/openshift-release-dev",\
            "mirror":[{"location":"cache:5000/ocp4-mirror","insecure":true}]}\
            """);
  }

  @Test
  void theRegistryItselfIsBlockedWhereThatIsWanted() {
    JsonNode toml = Told.to(ContainerRuntime.CRIO, Told.onlyMirror(Told.UPSTREAMS)).toml(PATH);

    assertThat(toml.path("registry"))
        .hasSize(6)
        .allMatch(table -> table.path("blocked").asBoolean());
    assertThat(toml.path("registry")).noneMatch(table -> table.has("insecure"));
  }

  @Test
  void byTlsEachHostAndPortHasTheCertificates() {
    Told told = Told.to(ContainerRuntime.PODMAN, Told.mirror(Told.MUTUAL_TLS));

    assertThat(told.toml(PATH).at("/registry/0/mirror/0").toString())
        .isEqualTo("{\"location\":\"cache:5000/docker.io\"}");
    for (String authority : List.of("cache:5000", "cache:5010")) {
      assertThat(told.text("/etc/containers/certs.d/" + authority + "/ca.crt"))
          .isEqualTo(Told.CA.pem());
      assertThat(told.text(PATH))
          .contains("client.cert and client.key", "/etc/containers/certs.d/" + authority);
    }
  }

  @Test
  void theLoginIsTheOneOfTheProgram() {
    Mirror mirror = Told.withLogin(Told.mirror(Told.UPSTREAMS));

    assertThat(Told.to(ContainerRuntime.PODMAN, mirror).text(PATH))
        .contains("podman login -u USERNAME -p PASSWORD cache:5000");
    assertThat(Told.to(ContainerRuntime.CRIO, mirror).text(PATH)).contains("global_auth_file");
  }
}
