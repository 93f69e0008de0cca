package io.weir.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Repositories, tags, digests: what is one, and what is none. */
class NamesTest {

  /** SHA-256 of {@code {}}, the empty config of the image specification. */
  private static final String EMPTY_JSON =
      "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

  private static void assertRefused(Runnable parse, ErrorCode code) {
    assertThatThrownBy(parse::run)
        .isInstanceOfSatisfying(OciException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "nginx",
        "library/nginx",
        "foo.bar/img",
        "a__b",
        "a_b",
        "a---b",
        "0/1",
        "a.b_c-d/e"
      })
  void aRepository(String name) {
    assertThat(Repository.parse(name)).hasToString(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "/", "a/", "/a", "a//b", "A", "a..b", "a___b", ".a", "a.", "-a", "a-", "_a", "a_", "..",
        "a/../b", "a b", "a:b", "é", "a\nb",
      })
  void noRepository(String name) {
    assertRefused(() -> Repository.parse(name), ErrorCode.NAME_INVALID);
  }

  @Test
  void aRepositoryHas255CharactersAtMost() {
    assertThat(Repository.parse("a".repeat(255)).name()).hasSize(255);
    assertRefused(() -> Repository.parse("a".repeat(256)), ErrorCode.NAME_INVALID);
  }

  /** A pattern that goes back and forth over such a name would take longer than anybody lives. */
  @Test
  void aNameIsRefusedQuicklyHoweverItIsMade() {
    String evil = "a-".repeat(120) + "!";
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(5),
        () -> assertRefused(() -> Repository.parse(evil), ErrorCode.NAME_INVALID));
  }

  @ParameterizedTest
  @ValueSource(strings = {"latest", "v1.2.3", "_", "A", "sha256-44136fa3.sig", "1"})
  void aTag(String tag) {
    assertThat(Reference.parse(tag)).isEqualTo(new Tag(tag)).hasToString(tag);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".a", "-a", "a b", "a/b", "é", "a\n"})
  void noTagSoNoSuchManifestCanExist(String tag) {
    assertRefused(() -> Tag.parse(tag), ErrorCode.MANIFEST_UNKNOWN);
  }

  @Test
  void aTagHas128CharactersAtMost() {
    assertThat(Tag.parse("a".repeat(128)).name()).hasSize(128);
    assertRefused(() -> Tag.parse("a".repeat(129)), ErrorCode.MANIFEST_UNKNOWN);
  }

  @Test
  void aDigestIsWhatTheSpecificationSaysOfTheEmptyConfig() {
    assertThat(Digest.Algorithm.SHA256.of("{}".getBytes(StandardCharsets.US_ASCII)))
        .hasToString(EMPTY_JSON);
    assertThat(Reference.parse(EMPTY_JSON))
        .isEqualTo(Digest.parse(EMPTY_JSON))
        .hasToString(EMPTY_JSON);
    String hex = "0123456789abcdef".repeat(8);
    assertThat(Digest.parse("sha512:" + hex).hex()).isEqualTo(hex);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "sha256",
        "sha256:",
        "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8",
        "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8aa",
        "sha256:44136FA355B3678A1146AD16F7E8649E94FB4FC21FE77E8310C060F61CAAFF8A",
        "sha256:../../../../../../../../../../../../../../../../../../../etc/passwd",
        "SHA256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
        "sha512:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
        "md5:d41d8cd98f00b204e9800998ecf8427e",
      })
  void noDigest(String text) {
    assertRefused(() -> Digest.parse(text), ErrorCode.DIGEST_INVALID);
  }
}
