package io.weir.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImagePatternTest {

  private static final Digest DIGEST = Digest.Algorithm.SHA256.of(new byte[] {1});
  private static final Digest OTHER = Digest.Algorithm.SHA256.of(new byte[] {2});
  private static final Origin ALPINE = origin("docker.io", "library/alpine");

  @ParameterizedTest
  @CsvSource({
    "docker.io/library/alpine, docker.io, library/alpine",
    "docker.io/library/*, docker.io, library/alpine",
    "*/library/*, docker.io, library/alpine",
    "docker.io/**, docker.io, a/b/c",
    "**, localhost:5000, a/b/c",
    "**/nginx, quay.io, team/nginx",
    "**nginx, quay.io, team/my-nginx",
    "localhost:5000/foo, localhost:5000, foo",
    "localhost:*/foo, localhost:5000, foo",
    "*/foo:latest, localhost:5000, foo",
    "localhost:5000/foo:latest, localhost:5000, foo",
  })
  void aRepositoryIsMatchedByWhatItsStarsCanStandFor(
      String pattern, String upstream, String repository) {
    assertThat(ImagePattern.parse(pattern).matchesRepository(origin(upstream, repository)))
        .isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "docker.io/library/alpine, docker.io, library/alpine2",
    "docker.io/library/alpine, quay.io, library/alpine",
    "docker.io/*, docker.io, library/alpine",
    "docker.io/alpine, docker.io, library/alpine",
    "localhost/foo, localhost:5000, foo",
    "localhost:5000/foo, localhost:5001, foo",
    "docker.io/**, docker.iox, a",
    "*/*, docker.io, library/alpine",
  })
  void aRepositoryIsMatchedByNothingElse(String pattern, String upstream, String repository) {
    assertThat(ImagePattern.parse(pattern).matchesRepository(origin(upstream, repository)))
        .isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "docker.io/library/alpine:3.22, true",
    "docker.io/library/alpine:3.*, true",
    "docker.io/library/alpine:*, true",
    "**:*.22, true",
    "**:latest, true",
    "docker.io/library/alpine:3, false",
    "docker.io/library/alpine:4.*, false",
    "docker.io/library/alpine:LATEST, false",
    "docker.io/library/nginx:latest, false",
  })
  void aPatternWithATagIsAboutTheManifestsThatOneSuchTagMeans(String text, boolean matches) {
    ImagePattern pattern = ImagePattern.parse(text);

    assertThat(pattern.matches(ALPINE, DIGEST, List.of(new Tag("latest"), new Tag("3.22"))))
        .isEqualTo(matches);
    assertThat(pattern.matches(ALPINE, DIGEST, List.of())).isFalse();
    assertThat(pattern.tag()).isNotNull();
  }

  @Test
  void aPatternWithADigestIsAboutOneManifestWhateverItsTags() {
    ImagePattern pattern = ImagePattern.parse("docker.io/library/*@" + DIGEST);

    assertThat(pattern.matches(ALPINE, DIGEST, List.of())).isTrue();
    assertThat(pattern.matches(ALPINE, DIGEST, List.of(new Tag("3.22")))).isTrue();
    assertThat(pattern.matches(ALPINE, OTHER, List.of(new Tag("3.22")))).isFalse();
    assertThat(pattern.matches(origin("docker.io", "team/alpine"), DIGEST, List.of())).isFalse();
    assertThat(pattern.tag()).isNull();
  }

  @Test
  void aPatternWithNeitherIsAboutEveryManifestOfTheRepository() {
    ImagePattern pattern = ImagePattern.parse("docker.io/library/alpine");

    assertThat(pattern.matches(ALPINE, DIGEST, List.of())).isTrue();
    assertThat(pattern.matches(ALPINE, OTHER, List.of(new Tag("3.22")))).isTrue();
    assertThat(pattern.matches(origin("docker.io", "library/nginx"), DIGEST, List.of())).isFalse();
    assertThat(pattern.tag()).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "**",
        "docker.io/library/alpine:3.*",
        "localhost:5000/foo",
        "localhost:5000/foo:v1",
        "*/foo@sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
      })
  void itsTextIsAsItWasWritten(String text) {
    assertThat(ImagePattern.parse(text)).hasToString(text).isEqualTo(ImagePattern.parse(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "alpine", "alpine:3.*", "*", "*:latest", "localhost:5000"})
  void dockersShortFormsAreRefusedWithTheRemedy(String text) {
    assertThatThrownBy(() -> ImagePattern.parse(text))
        .isInstanceOf(OciException.class)
        .hasMessage(
            "the pattern has to begin with an upstream, for example docker.io/library/alpine:3.*");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/alpine",
        "docker.io/",
        "docker.io//alpine",
        "docker.io/Alpine",
        "docker.io/a:b/c",
        "docker.io:x/alpine",
        "docker.io/***",
        "docker.io/[ab]",
        "docker.io/a b",
        "docker.io/a\n",
        "docker.io/alpine:",
        "docker.io/alpine:.*",
        "docker.io/alpine:-1",
        "docker.io/alpine:a b",
        "docker.io/alpine:***",
      })
  void whatNoImageCanMatchIsRefused(String text) {
    assertThatThrownBy(() -> ImagePattern.parse(text))
        .isInstanceOfSatisfying(
            OciException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NAME_INVALID));
  }

  @Test
  void aPatternHasATagOrADigestButNotBoth() {
    assertThatThrownBy(() -> ImagePattern.parse("docker.io/library/alpine:3@" + DIGEST))
        .isInstanceOf(OciException.class)
        .hasMessageContaining("both a tag and a digest");
  }

  @Test
  void aDigestHasNoStars() {
    assertThatThrownBy(() -> ImagePattern.parse("docker.io/library/alpine@sha256:*"))
        .isInstanceOfSatisfying(
            OciException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DIGEST_INVALID));
  }

  /** With backtracking this would take longer than the universe has been there. */
  @Test
  void aPatternOfManyStarsIsStillQuick() {
    ImagePattern pattern = ImagePattern.parse("*/" + "*a".repeat(100) + "**b:" + "*a".repeat(60));
    Origin origin = origin("docker.io", "a".repeat(254) + "b");
    List<Tag> tags = List.of(new Tag("a".repeat(127) + "b"));

    assertThat(
            assertTimeoutPreemptively(
                Duration.ofSeconds(5), () -> pattern.matches(origin, DIGEST, tags)))
        .isFalse();
  }

  @Test
  void aHostileTextIsRefusedQuickly() {
    assertTimeoutPreemptively(
        Duration.ofSeconds(5),
        () ->
            assertThatThrownBy(() -> ImagePattern.parse("a/" + "**a".repeat(1_000_000) + "!"))
                .isInstanceOf(OciException.class));
  }

  private static Origin origin(String upstream, String repository) {
    return new Origin(upstream, Repository.parse(repository));
  }
}
