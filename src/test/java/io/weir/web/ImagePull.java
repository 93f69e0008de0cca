package io.weir.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.Http;
import io.weir.testing.Operators;
import io.weir.testing.WeirServer;
import java.io.IOException;
import java.time.Instant;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Pulls images as a client does, with all that belongs to them. */
final class ImagePull {

  private static final JsonMapper JSON = JsonMapper.shared();

  private final WeirServer weir;

  ImagePull(WeirServer weir) {
    this.weir = weir;
  }

  /**
   * Returns when the image is whole in the index.
   *
   * @param repository with its upstream before it
   * @param reference a tag or a digest
   */
  void pull(String repository, String reference) throws IOException {
    JsonNode manifest = JSON.readTree(get(repository, "manifests", reference).body());
    for (JsonNode child : manifest.path("manifests")) {
      pull(repository, child.path("digest").asString());
    }
    if (manifest.has("config")) {
      Http.Answer _ = get(repository, "blobs", manifest.at("/config/digest").asString());
    }
    for (JsonNode layer : manifest.path("layers")) {
      Http.Answer _ = get(repository, "blobs", layer.path("digest").asString());
    }
    awaitWhole(repository);
  }

  private Http.Answer get(String repository, String kind, String reference) throws IOException {
    Http.Answer answer =
        Http.get(weir.port(), "/v2/%s/%s/%s".formatted(repository, kind, reference));
    assertThat(answer.status()).as("%s %s", repository, reference).isEqualTo(200);
    assertThat(answer.whole()).isTrue();
    return answer;
  }

  private void awaitWhole(String repository) throws IOException {
    Operators operators = new Operators(weir.adminPort());
    Instant end = Instant.now().plusSeconds(20);
    while (operators.images().stream().noneMatch(image -> isWhole(image, repository))) {
      assertThat(Instant.now()).as("%s is stored", repository).isBefore(end);
    }
  }

  private static boolean isWhole(JsonNode image, String repository) {
    String name = image.path("upstream").asString() + '/' + image.path("repository").asString();
    return name.equals(repository) && image.path("missing").asInt() == 0;
  }
}
