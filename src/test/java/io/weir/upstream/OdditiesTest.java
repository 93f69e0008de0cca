package io.weir.upstream;

import static io.weir.upstream.Harness.REPOSITORY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.metrics.Kind;
import io.weir.oci.Digest;
import io.weir.oci.Manifest;
import io.weir.oci.MediaType;
import io.weir.oci.Repository;
import io.weir.oci.Tag;
import io.weir.testing.RecordedRequest;
import io.weir.testing.ScriptedUpstream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Manifests, tags and referrers, from registries that each have their own idea of them. */
class OdditiesTest {

  private static final Tag TAG = Tag.parse("1");

  private final ScriptedUpstream registry = ScriptedUpstream.start();
  private final Harness harness = new Harness(registry);
  private final ScriptedUpstream.Image image = registry.image("library/app", "1", new byte[1000]);
  private final Digest layer = image.layers().getFirst();

  @AfterEach
  void close() {
    harness.close();
    registry.close();
  }

  @Test
  void aManifestComesWithItsTypeAndDigest() {
    RemoteManifest manifest = harness.open().getManifest(REPOSITORY, TAG);
    assertThat(manifest.content()).isEqualTo(image.manifest());
    assertThat(manifest.contentType()).isEqualTo(MediaType.OCI_MANIFEST);
    assertThat(manifest.digest()).isEqualTo(image.digest());
    assertThat(registry.requests().getFirst().header("accept")).contains(MediaType.MANIFEST_ACCEPT);
  }

  @Test
  void aHeadTellsDigestSizeAndType() {
    Upstream upstream = harness.open();
    assertThat(upstream.headManifest(REPOSITORY, image.digest()))
        .isEqualTo(new RemoteHead(image.digest(), image.manifest().length, MediaType.OCI_MANIFEST));
    assertThat(upstream.headBlob(REPOSITORY, layer))
        .isEqualTo(new RemoteHead(layer, 1000, MediaType.OCTET_STREAM));
  }

  @Test
  void whatAHeadDoesNotTellIsLeftOut() {
    registry
        .on("HEAD", ".*")
        .noContentLength()
        .withoutHeader("Content-Type")
        .header("Docker-Content-Digest", "md5:nonsense");
    assertThat(harness.open().headManifest(REPOSITORY, TAG))
        .isEqualTo(new RemoteHead(null, -1, null));
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 405, 501})
  void whereHeadIsRefusedAGetTells(int status) {
    registry.on("HEAD", ".*").status(status);
    Upstream upstream = harness.open();
    assertThat(upstream.headManifest(REPOSITORY, TAG).digest()).isNull();
    assertThat(upstream.headBlob(REPOSITORY, layer).sizeBytes()).isEqualTo(1000);
    assertThat(upstream.isFailing()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"401, DENIED", "403, DENIED", "404, NOT_FOUND", "400, INVALID", "451, INVALID"})
  void everyRefusalHasItsMeaning(int status, UpstreamException.Kind kind) {
    registry.on("GET", "/v2/.*/manifests/1").status(status, "{\"errors\":[{\"message\":\"why\"}]}");
    assertThatThrownBy(() -> harness.open().getManifest(REPOSITORY, TAG))
        .hasMessage("scripted: answered " + status + ": why")
        .extracting("kind")
        .isEqualTo(kind);
  }

  @Test
  void whatTheUpstreamSaysIsShortenedAndWithoutControlCharacters() {
    registry
        .on("GET", "/v2/.*/manifests/1")
        .status(404, "{\"errors\":[{\"message\":\"a\\r\\n\\u001b[31m" + "x".repeat(1000) + "\"}]}");
    assertThatThrownBy(() -> harness.open().getManifest(REPOSITORY, TAG))
        .hasMessage("scripted: answered 404: a [31m" + "x".repeat(194) + "…");
  }

  @Test
  void anErrorWithoutEndIsNotReadToItsEnd() {
    registry.on("GET", "/v2/.*/blobs/.*").statusWithEndlessBody(404);
    assertThatThrownBy(() -> harness.open().openBlob(REPOSITORY, layer, 0, -1))
        .hasMessage("scripted: answered 404");
  }

  @Test
  void aPageForPeopleIsNoManifest() {
    Upstream upstream = harness.open();
    registry.on("*", "/v2/.*/manifests/1").times(2).html();
    assertThatThrownBy(() -> upstream.getManifest(REPOSITORY, TAG))
        .hasMessage("scripted: the manifest is a page for people (text/html)")
        .extracting("kind")
        .isEqualTo(UpstreamException.Kind.INVALID);
    assertThatThrownBy(() -> upstream.headManifest(REPOSITORY, TAG))
        .extracting("kind")
        .isEqualTo(UpstreamException.Kind.INVALID);
    registry
        .on("GET", "/v2/.*/manifests/1")
        .answer("application/json", "<html>".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> upstream.getManifest(REPOSITORY, TAG))
        .hasMessage("scripted: the manifest is a page for people");
  }

  @Test
  void aManifestIsNotReadBeyondItsLimit() {
    Digest large =
        registry.putManifest(
            "library/app", new byte[Manifest.SIZE_BYTES_MAX + 1], MediaType.OCI_MANIFEST);
    Digest largest =
        registry.putManifest(
            "library/app", new byte[Manifest.SIZE_BYTES_MAX], MediaType.OCI_MANIFEST);
    Upstream upstream = harness.open();
    assertThat(upstream.getManifest(REPOSITORY, largest).content())
        .hasSize(Manifest.SIZE_BYTES_MAX);
    for (boolean isChunked : new boolean[] {false, true}) {
      if (isChunked) {
        registry.on("GET", ".*").noContentLength();
      }
      assertThatThrownBy(() -> upstream.getManifest(REPOSITORY, large))
          .hasMessage("scripted: the manifest is larger than 4 MiB")
          .extracting("kind")
          .isEqualTo(UpstreamException.Kind.TOO_LARGE);
    }
    assertThat(upstream.getManifest(REPOSITORY, TAG).content()).isEqualTo(image.manifest());
  }

  @ParameterizedTest
  @ValueSource(strings = {"/team/a", "/team/a/", "/v2/team/a", "//team/a"})
  void aPathOfTheUrlIsThePrefixOfEveryRepository(String path) {
    registry.image("team/a/library/app", "1", new byte[1]);
    registry.auth().bearer();
    harness.urls = List.of(registry.url(path));
    Upstream upstream = harness.open();
    upstream.getManifest(REPOSITORY, TAG);
    upstream.ping();
    assertThat(registry.requests())
        .extracting(RecordedRequest::target)
        .contains(
            "/v2/team/a/library/app/manifests/1",
            "/token?service=scripted&scope=repository%3Ateam%2Fa%2Flibrary%2Fapp%3Apull",
            "/v2/");
  }

  @Test
  void aUrlMayEndInTheVersion() {
    harness.urls = List.of(registry.url("/v2/"));
    assertThat(harness.open().getManifest(REPOSITORY, TAG).digest()).isEqualTo(image.digest());
  }

  @Test
  void tagsComeInPages() {
    for (String tag : new String[] {"2", "3"}) {
      registry.tag("library/app", tag, image.digest());
    }
    Upstream upstream = harness.open();
    RemoteDocument page = upstream.tags(REPOSITORY, "2", null);
    assertThat(new String(page.content(), StandardCharsets.UTF_8))
        .isEqualTo("{\"name\":\"library/app\",\"tags\":[\"1\",\"2\"]}");
    assertThat(page.contentType()).isEqualTo("application/json");
    assertThat(page.next()).isEqualTo("/v2/library/app/tags/list?last=2&n=2");

    RemoteDocument last = upstream.follow(REPOSITORY, Kind.TAGS, String.valueOf(page.next()));
    assertThat(new String(last.content(), StandardCharsets.UTF_8)).contains("[\"3\"]");
    assertThat(last.next()).isNull();
    assertThat(upstream.tags(REPOSITORY, "5", "a&b c").content()).isNotEmpty();
    assertThat(registry.requests().getLast().query()).isEqualTo("n=5&last=a%26b+c");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://other.example/v2/library/app/tags/list?n=2",
        "/v2/other/tags/list?n=2",
        "/v2/library/app/manifests/1",
        "ftp://x"
      })
  void theNextPageIsOfTheSameListAtTheSameHost(String link) {
    assertThatThrownBy(() -> harness.open().follow(REPOSITORY, Kind.TAGS, link))
        .hasMessage("scripted: the next page is somewhere else")
        .extracting("kind")
        .isEqualTo(UpstreamException.Kind.INVALID);
    assertThat(registry.requests()).isEmpty();
  }

  @Test
  void referrersAreAnIndex() {
    String signature =
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":{},\"layers\":[],\"subject\":{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}}"
            .formatted(
                MediaType.OCI_MANIFEST,
                MediaType.OCI_MANIFEST,
                image.digest(),
                image.manifest().length);
    Digest referrer =
        registry.putManifest(
            "library/app", signature.getBytes(StandardCharsets.UTF_8), MediaType.OCI_MANIFEST);
    RemoteDocument document = harness.open().referrers(REPOSITORY, image.digest());
    assertThat(new String(document.content(), StandardCharsets.UTF_8))
        .contains(referrer.toString());
    assertThat(document.contentType()).isEqualTo(MediaType.OCI_INDEX);
  }

  @Test
  void whereThereAreNoReferrersThatIsSaidInOneWay() {
    Upstream upstream = harness.open();
    String referrers = "/v2/.*/referrers/.*";
    registry.withoutReferrers();
    assertNoReferrers(upstream);
    registry.on("GET", referrers).times(1).status(405);
    assertNoReferrers(upstream);
    registry.on("GET", referrers).times(1).html();
    assertNoReferrers(upstream);
    registry
        .on("GET", referrers)
        .times(1)
        .answer("application/json", "x".getBytes(StandardCharsets.UTF_8));
    assertNoReferrers(upstream);
    registry.on("GET", referrers).times(1).answer(MediaType.OCI_MANIFEST, image.manifest());
    assertNoReferrers(upstream);
    try (ScriptedUpstream elsewhere = ScriptedUpstream.start()) {
      elsewhere.on("GET", ".*").html();
      registry.on("GET", referrers).times(1).redirectTo(303, elsewhere.url("/features").toString());
      assertNoReferrers(upstream);
    }
  }

  private void assertNoReferrers(Upstream upstream) {
    assertThatThrownBy(() -> upstream.referrers(REPOSITORY, image.digest()))
        .extracting("kind")
        .isEqualTo(UpstreamException.Kind.NOT_FOUND);
  }

  @Test
  void aRepositoryMayBeNamedLikeAPartOfThePath() {
    Repository odd = Repository.parse("v2/manifests/blobs");
    registry.image(odd.name(), "tags", new byte[1]);
    assertThat(harness.open().getManifest(odd, Tag.parse("tags")).content()).isNotEmpty();
  }
}
