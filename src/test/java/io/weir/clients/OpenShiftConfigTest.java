package io.weir.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.toml.TomlMapper;

/** OpenShift, new and old. */
class OpenShiftConfigTest {

  private static final String DATA = "data:text/plain;charset=utf-8;base64,";

  private static Told told(Mirror mirror) {
    return Told.to(ContainerRuntime.OPENSHIFT, mirror);
  }

  private static Told legacy(Mirror mirror) {
    return Told.to(ContainerRuntime.OPENSHIFT_LEGACY, mirror);
  }

  private static Mirror mirror(boolean onlyMirror) {
    return onlyMirror ? Told.onlyMirror(Told.MUTUAL_TLS) : Told.mirror(Told.UPSTREAMS);
  }

  @ParameterizedTest
  @CsvSource({"false, AllowContactingSource", "true, NeverContactSource"})
  void digestsAndTagsHaveTheSameMirrorsAndPolicy(boolean onlyMirror, String policy) {
    List<JsonNode> documents = told(mirror(onlyMirror)).documents("weir-mirror-sets.yaml");

    assertThat(documents).hasSize(2);
    Told.assertValid(documents.getFirst(), "openshift-ImageDigestMirrorSet");
    Told.assertValid(documents.getLast(), "openshift-ImageTagMirrorSet");
    JsonNode digests = documents.getFirst().at("/spec/imageDigestMirrors");
    assertThat(digests).isEqualTo(documents.getLast().at("/spec/imageTagMirrors")).hasSize(6);
    assertThat(digests).allMatch(m -> m.path("mirrorSourcePolicy").asString().equals(policy));
    assertThat(digests.get(5))
        .hasToString(
            """
            {"source":"quay.io/openshift-release-dev","mirrors":["cache:5000/ocp4-mirror"],\
            "mirrorSourcePolicy":"%s"}\
            """
                .formatted(policy));
  }

  @Test
  void aPrivateCaIsTrustedByItsHostAndPort() {
    Told told = told(Told.mirror(Told.MUTUAL_TLS));

    JsonNode map = told.yaml("weir-ca.yaml");
    assertThat(map.path("kind").asString()).isEqualTo("ConfigMap");
    assertThat(map.at("/metadata/namespace").asString()).isEqualTo("openshift-config");
    assertThat(map.path("data").propertyNames()).containsExactly("cache..5000", "cache..5010");
    assertThat(map.path("data").path("cache..5000").asString()).isEqualTo(Told.CA.pem());
    JsonNode image = told.yaml("weir-image-config.yaml");
    Told.assertValid(image, "openshift-Image");
    assertThat(image.path("spec")).hasToString("{\"additionalTrustedCA\":{\"name\":\"weir-ca\"}}");
    assertThat(told.notes()).contains("a MachineConfig has to put client.cert and client.key");
  }

  @Test
  void httpHasToBeAllowed() {
    JsonNode image = told(Told.mirror(Told.UPSTREAMS)).yaml("weir-image-config.yaml");

    Told.assertValid(image, "openshift-Image");
    assertThat(image.at("/spec/registrySources/insecureRegistries"))
        .hasToString("[\"cache:5000\",\"cache:5010\"]");
  }

  /** Fields as in openshift/installer, pkg/types/installconfig.go. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theInstallerIsToldTheSame(boolean onlyMirror) {
    JsonNode part = told(mirror(onlyMirror)).yaml("install-config-part.yaml");

    assertThat(part.at("/imageDigestSources/0"))
        .hasToString(
            "{\"source\":\"docker.io\",\"mirrors\":[\"cache:5000/docker.io\"]"
                + (onlyMirror ? ",\"sourcePolicy\":\"NeverContactSource\"}" : "}"));
    assertThat(part.path("additionalTrustBundle").asString(""))
        .isEqualTo(onlyMirror ? Told.CA.pem() : "");
    assertThat(part.path("additionalTrustBundlePolicy").asString(""))
        .isEqualTo(onlyMirror ? "Always" : "");
  }

  @Test
  void theOldPolicyIsForDigests() {
    JsonNode policy = legacy(mirror(false)).yaml("weir-content-source-policy.yaml");

    Told.assertValid(policy, "openshift-ImageContentSourcePolicy");
    assertThat(policy.at("/spec/repositoryDigestMirrors")).hasSize(6);
    assertThat(legacy(mirror(true)).notes()).contains("always lets nodes go on");
    assertThat(policy.at("/spec/repositoryDigestMirrors/0"))
        .hasToString("{\"source\":\"docker.io\",\"mirrors\":[\"cache:5000/docker.io\"]}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"master", "worker"})
  void machinesGetADropInForTagsToo(String role) {
    Told told = legacy(mirror(true));
    JsonNode config = told.yaml("99-" + role + "-weir-registries.yaml");

    Told.assertValid(config, "openshift-MachineConfig");
    assertThat(
            config.at("/metadata/labels").path("machineconfiguration.openshift.io/role").asString())
        .isEqualTo(role);
    JsonNode file = config.at("/spec/config/storage/files/0");
    assertThat(file.path("path").asString())
        .isEqualTo("/etc/containers/registries.conf.d/99-weir.conf");
    assertThat(file.path("mode").asInt()).isEqualTo(0644);
    JsonNode conf = TomlMapper.builder().build().readTree(decoded(file));
    assertThat(conf.at("/registry/0/blocked").asBoolean()).isTrue();
    assertThat(conf.at("/registry/0/mirror/0/location").asString())
        .isEqualTo("cache:5000/docker.io");
    assertThat(decoded(config.at("/spec/config/storage/files/1"))).isEqualTo(Told.CA.pem());
  }

  private static String decoded(JsonNode file) {
    String source = file.at("/contents/source").asString();
    assertThat(source).startsWith(DATA);
    return new String(
        Base64.getDecoder().decode(source.substring(DATA.length())), StandardCharsets.UTF_8);
  }

  /** What butane would make of its source is what stands beside it. */
  @ParameterizedTest
  @ValueSource(strings = {"master", "worker"})
  void butaneIsToldTheSame(String role) {
    Told told = legacy(mirror(true));
    String name = "99-" + role + "-weir-registries";
    JsonNode config = told.yaml(name + ".yaml");
    JsonNode butane = told.yaml(name + ".bu");

    assertThat(butane.path("variant").asString()).isEqualTo("openshift");
    assertThat(butane.path("metadata")).isEqualTo(config.path("metadata"));
    JsonNode files = butane.at("/storage/files");
    assertThat(files).hasSameSizeAs(config.at("/spec/config/storage/files"));
    for (int i = 0; i < files.size(); i++) {
      JsonNode file = config.at("/spec/config/storage/files/" + i);
      assertThat(files.get(i).path("path")).isEqualTo(file.path("path"));
      assertThat(files.get(i).at("/contents/inline").asString()).isEqualTo(decoded(file));
    }
  }

  @Test
  void whereTheLoginGoesIsTold() {
    assertThat(told(Told.withLogin(mirror(false))).notes())
        .contains("\"cache:5000\": {\"auth\": \"BASE64_OF_USERNAME:PASSWORD\"}");
  }

  @Test
  void whatTheSchemasDoNotKnowWouldBeFound() {
    JsonNode wrong =
        Told.parse(
                """
                apiVersion: config.openshift.io/v1
                kind: ImageDigestMirrorSet
                metadata: {name: a}
                spec: {imageDigestMirrors: [{source: 'https://quay.io', policy: x}]}
                """)
            .getFirst();

    assertThat(Told.errors(wrong, "openshift-ImageDigestMirrorSet")).hasSize(2);
  }
}
