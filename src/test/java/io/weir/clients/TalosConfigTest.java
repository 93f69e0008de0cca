package io.weir.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Talos, and talosctl's flags. */
class TalosConfigTest {

  private static final String DOCUMENTS = "talos-1.13-registry-documents";
  private static final String PATCH = "talos-1.11-machine-registries";

  private static Mirror mirror(boolean onlyMirror) {
    return Told.withLogin(
        onlyMirror ? Told.onlyMirror(Told.MUTUAL_TLS) : Told.mirror(Told.MUTUAL_TLS));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theDocumentsAreThoseOfTalos(boolean onlyMirror) {
    List<JsonNode> documents =
        Told.to(ContainerRuntime.TALOS, mirror(onlyMirror)).documents(TalosConfig.DOCUMENTS);

    documents.forEach(document -> Told.assertValid(document, DOCUMENTS));
    assertThat(documents).hasSize(5 + 2 * 2);
    assertThat(documents.getFirst())
        .hasToString(
            """
            {"apiVersion":"v1alpha1","kind":"RegistryMirrorConfig","name":"docker.io",\
            "endpoints":[{"url":"https://cache:5000/v2/docker.io","overridePath":true}],\
            "skipFallback":%s}\
            """
                .formatted(onlyMirror));
    assertThat(documents.get(5).path("name").asString()).isEqualTo("cache:5000");
    assertThat(documents.get(5).path("ca").asString() + "\n").isEqualTo(Told.CA.pem());
    assertThat(documents.get(6))
        .hasToString(
            """
            {"apiVersion":"v1alpha1","kind":"RegistryAuthConfig","name":"cache:5000",\
            "username":"USERNAME","password":"PASSWORD"}\
            """);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void thePatchIsOfTheMachineConfiguration(boolean onlyMirror) {
    JsonNode patch = Told.to(ContainerRuntime.TALOS, mirror(onlyMirror)).yaml(TalosConfig.PATCH);

    Told.assertValid(patch, PATCH);
    JsonNode registries = patch.at("/machine/registries");
    assertThat(registries.path("mirrors").path("docker.io"))
        .hasToString(
            """
            {"endpoints":["https://cache:5000/v2/docker.io"],"overridePath":true,\
            "skipFallback":%s}\
            """
                .formatted(onlyMirror));
    JsonNode access = registries.path("config").path("cache:5010");
    assertThat(
            new String(
                Base64.getDecoder().decode(access.at("/tls/ca").asString()),
                StandardCharsets.US_ASCII))
        .isEqualTo(Told.CA.pem());
    assertThat(access.at("/auth/username").asString()).isEqualTo("USERNAME");
  }

  /** Talos refuses TLS for an endpoint that speaks HTTP. */
  @Test
  void byHttpThereIsNoWordOfTls() {
    Told told = Told.to(ContainerRuntime.TALOS, Told.mirror(Told.UPSTREAMS));

    assertThat(told.documents(TalosConfig.DOCUMENTS))
        .hasSize(5)
        .allMatch(document -> document.path("kind").asString().equals("RegistryMirrorConfig"));
    assertThat(told.yaml(TalosConfig.PATCH).at("/machine/registries").propertyNames())
        .containsExactly("mirrors");
    Told.assertValid(told.yaml(TalosConfig.PATCH), PATCH);
  }

  @Test
  void whatTheSchemaDoesNotKnowWouldBeFound() {
    JsonNode wrong = Told.parse("{machine: {registries: {mirror: {}}}}").getFirst();

    assertThat(Told.errors(wrong, PATCH)).isNotEmpty();
  }

  @Test
  void flagsHaveNoPath() {
    Told plain = Told.to(ContainerRuntime.TALOSCTL, Told.mirror(Told.UPSTREAMS));

    assertThat(plain.paths()).hasSize(1);
    assertThat(plain.text("flags.txt").lines().filter(line -> !line.startsWith("#")))
        .containsExactly(
            "--registry-mirror docker.io=http://cache:5000",
            "--registry-mirror quay.io=http://cache:5010",
            "--registry-mirror reg.example.net:5443=http://cache:5000",
            "--registry-mirror 10.0.0.4:5000=http://cache:5000",
            "--registry-mirror 10.0.0.5:5000=http://cache:5000");
  }

  @Test
  void whatFlagsCannotSayIsAPatch() {
    Told told = Told.to(ContainerRuntime.TALOSCTL, mirror(true));

    assertThat(told.text("flags.txt")).contains("--config-patch @weir-access-patch.yaml\n");
    Told.assertValid(told.yaml("weir-access-patch.yaml"), PATCH);
    assertThat(told.notes()).contains("leave the way to the registries open");
  }
}
