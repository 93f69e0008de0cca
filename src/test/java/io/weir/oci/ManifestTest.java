package io.weir.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestTest {

  private static final String A = "sha256:" + "a".repeat(64);
  private static final String B = "sha256:" + "b".repeat(64);
  private static final String C = "sha256:" + "c".repeat(64);

  private static Manifest parse(String json, @Nullable String contentType) {
    return Manifest.parse(json.getBytes(StandardCharsets.UTF_8), contentType);
  }

  @Test
  void ofAnImageKnowsItsConfigAndLayersInOrder() {
    Manifest manifest =
        parse(
            """
            {"schemaVersion": 2, "mediaType": "%s",
             "config": {"mediaType": "x/config", "digest": "%s", "size": 2},
             "layers": [{"mediaType": "x/layer", "digest": "%s", "size": 3},
                        {"mediaType": "x/foreign", "digest": "%s", "size": 4, "urls": ["https://example.net/l"]}],
             "subject": {"mediaType": "y", "digest": "%s", "size": 5}}\
            """
                .formatted(MediaType.OCI_MANIFEST, A, B, C, A),
            null);
    assertThat(manifest.isIndex()).isFalse();
    assertThat(manifest.children())
        .containsExactly(
            new Descriptor("x/config", Digest.parse(A), 2, false, null),
            new Descriptor("x/layer", Digest.parse(B), 3, false, null),
            new Descriptor("x/foreign", Digest.parse(C), 4, true, null));
    assertThat(manifest.subject().orElseThrow().digest()).hasToString(A);
    assertThat(manifest.artifactType()).isEqualTo("x/config");
  }

  @Test
  void ofAnIndexKnowsThePlatforms() {
    Manifest manifest =
        parse(
            """
            {"schemaVersion": 2, "mediaType": "%s", "manifests": [
              {"digest": "%s", "platform": {"os": "linux", "architecture": "arm", "variant": "v7"}},
              {"digest": "%s", "platform": {"os": "linux", "architecture": "amd64"}}]}\
            """
                .formatted(MediaType.DOCKER_LIST, A, B),
            null);
    assertThat(manifest.isIndex()).isTrue();
    assertThat(manifest.children())
        .extracting(Descriptor::platform)
        .containsExactly("linux/arm/v7", "linux/amd64");
  }

  @Test
  void hasTheTypeThatItStatesElseTheHeadersElseWhatItsMembersShow() {
    assertThat(
            parse("{\"mediaType\": \"application/vnd.oci.image.index.v1+json\"}", "text/plain")
                .mediaType())
        .isEqualTo(MediaType.OCI_INDEX);
    assertThat(parse("{\"config\": {}}", MediaType.DOCKER_MANIFEST + "; charset=utf-8").mediaType())
        .isEqualTo(MediaType.DOCKER_MANIFEST);
    assertThat(parse("{\"manifests\": []}", "application/json").mediaType())
        .isEqualTo(MediaType.OCI_INDEX);
    assertThat(parse("{\"layers\": []}", null).mediaType()).isEqualTo(MediaType.OCI_MANIFEST);
    assertThat(parse("{\"mediaType\": \"application/vnd.example.new.v1+json\"}", null).mediaType())
        .as("a type that nobody knew when this was written")
        .isEqualTo("application/vnd.example.new.v1+json");
  }

  @Test
  void leavesOutADescriptorWhoseDigestCannotBeVerifiedHere() {
    String blake = "{\"digest\": \"blake3:" + "a".repeat(64) + "\"}";
    assertThat(parse("{\"layers\": [" + blake + ", {\"digest\": \"" + A + "\"}]}", null).children())
        .hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "<html>",
        "[]",
        "null",
        "\"text\"",
        "{}",
        "{\"a\": 1}",
        "{\"schemaVersion\": 1, \"fsLayers\": []}",
        "{\"layers\": [",
      })
  void refusesWhatIsNone(String json) {
    assertThatThrownBy(() -> parse(json, "application/json"))
        .isInstanceOfSatisfying(
            OciException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.MANIFEST_INVALID));
  }
}
