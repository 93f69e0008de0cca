package io.weir.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageReferenceTest {

  private static final String DIGEST = "sha256:" + "0a".repeat(32);

  @ParameterizedTest
  @CsvSource({
    "docker.io/library/nginx:1.27, docker.io, library/nginx, 1.27",
    "docker.io/nginx, docker.io, nginx, latest",
    "localhost:5000/app, localhost:5000, app, latest",
    "localhost:5000/team/app:v1, localhost:5000, team/app, v1",
    "quay/team/app:V_1.0-x, quay, team/app, V_1.0-x",
    "-/unclaimed:x, -, unclaimed, x",
  })
  void itHasAnUpstreamARepositoryAndATag(
      String text, String upstream, String repository, String tag) {
    assertThat(ImageReference.parse(text))
        .isEqualTo(new ImageReference(upstream, repository, new Tag(tag)));
  }

  @Test
  void aDigestCountsMoreThanATag() {
    Digest digest = Digest.parse(DIGEST);

    assertThat(ImageReference.parse("hub/app@" + DIGEST).reference()).isEqualTo(digest);
    assertThat(ImageReference.parse("hub/app:1@" + DIGEST))
        .isEqualTo(new ImageReference("hub", "app", digest));
    assertThat(ImageReference.parse("hub:5000/app@" + DIGEST).upstream()).isEqualTo("hub:5000");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nginx",
        "nginx:1.27",
        "/nginx",
        ":/nginx:",
        "hub/nginx:",
        "hub/nginx:a b",
        "hub/nginx@",
        "hub/nginx@latest",
        "hub/nginx@sha256:12",
        "hub/nginx@@",
      })
  void whatIsNoneIsRefused(String text) {
    assertThatExceptionOfType(OciException.class).isThrownBy(() -> ImageReference.parse(text));
  }
}
