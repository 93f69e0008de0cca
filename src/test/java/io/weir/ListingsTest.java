package io.weir;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.oci.Digest;
import io.weir.oci.MediaType;
import io.weir.testing.FakeClock;
import io.weir.testing.Http;
import io.weir.testing.ScriptedUpstream;
import io.weir.testing.WeirServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lists of tags and referrers, as the conformance suite of the specification asks for them. */
class ListingsTest {

  private static final String APP = "/v2/hub/team/app";

  @TempDir private Path data;
  private final FakeClock clock = new FakeClock();
  @AutoClose private final ScriptedUpstream upstream = ScriptedUpstream.start();
  @AutoClose private WeirServer weir;
  private ScriptedUpstream.Image image;

  @BeforeEach
  void start() throws IOException {
    image = upstream.image("team/app", "a", "layer".getBytes(StandardCharsets.UTF_8));
    for (String tag : new String[] {"c", "b", "e", "d"}) {
      upstream.tag("team/app", tag, image.digest());
    }
    weir = WeirServer.in(data).clock(clock).upstream("hub", upstream.url()).start();
  }

  private Http.Answer get(String target) throws IOException {
    return Http.get(weir.port(), target);
  }

  private static String page(String... tags) {
    return "{\"name\":\"hub/team/app\",\"tags\":[\"" + String.join("\",\"", tags) + "\"]}";
  }

  @Test
  void allTagsComeInOrder() throws IOException {
    Http.Answer all = get(APP + "/tags/list");
    assertThat(all.text()).isEqualTo(page("a", "b", "c", "d", "e"));
    assertThat(all.headers()).doesNotContainKey("link");
  }

  @Test
  void pagesFollowEachOtherByTheirLinksInTheClientsOwnSpelling() throws IOException {
    List<String> pages = new ArrayList<>();
    String next = "/v2/team/app/tags/list?n=2&ns=hub";
    while (!next.isEmpty()) {
      Http.Answer answer = get(next);
      pages.add(answer.text().replaceAll(".*\\[|].*", ""));
      next = answer.header("Link").replaceAll("<(.*)>; rel=\"next\"", "$1");
      assertThat(next)
          .satisfiesAnyOf(
              link -> assertThat(link).isEmpty(), link -> assertThat(link).contains("ns=hub"));
    }
    assertThat(pages).containsExactly("\"a\",\"b\"", "\"c\",\"d\"", "\"e\"");
    assertThat(upstream.count("GET", ".*/tags/list")).isEqualTo(1);
  }

  @Test
  void lastWorksWithoutNAndWithATagThatIsNotThere() throws IOException {
    assertThat(get(APP + "/tags/list?last=c").text()).isEqualTo(page("d", "e"));
    assertThat(get(APP + "/tags/list?last=bb").text()).isEqualTo(page("c", "d", "e"));
    assertThat(get(APP + "/tags/list?n=0").text())
        .isEqualTo("{\"name\":\"hub/team/app\",\"tags\":[]}");
    assertThat(get(APP + "/tags/list?n=0").headers()).doesNotContainKey("link");
    assertThat(get(APP + "/tags/list?n=-1").status()).isEqualTo(400);
    assertThat(get(APP + "/tags/list?n=x").status()).isEqualTo(400);
  }

  @Test
  void aNewTagIsSeenAfterTheRefreshTime() throws IOException {
    assertThat(get(APP + "/tags/list").text()).isEqualTo(page("a", "b", "c", "d", "e"));
    upstream.tag("team/app", "f", image.digest());
    assertThat(get(APP + "/tags/list").header("Cache-Status")).isEqualTo("weir; hit; ttl=60");
    clock.advance(Duration.ofMinutes(2));
    assertThat(get(APP + "/tags/list").text()).isEqualTo(page("a", "b", "c", "d", "e", "f"));
  }

  @Test
  void upstreamsPagesAreReadToTheEnd() throws IOException {
    upstream
        .on("GET", "/v2/team/app/tags/list")
        .answer(
            "application/json",
            "{\"name\":\"team/app\",\"tags\":[\"a\"]}".getBytes(StandardCharsets.UTF_8))
        .header("Link", "</v2/team/app/tags/list?last=a&next_page=opaque>; rel=\"next\"")
        .times(1);
    upstream
        .on("GET", "/v2/team/app/tags/list")
        .answer(
            "application/json",
            "{\"name\":\"team/app\",\"tags\":null}".getBytes(StandardCharsets.UTF_8));
    assertThat(get(APP + "/tags/list").text()).isEqualTo(page("a"));
    assertThat(upstream.requests("GET", ".*/tags/list").getLast().query())
        .contains("next_page=opaque");
  }

  @Test
  void anUnknownRepositoryIsUnknown() throws IOException {
    Http.Answer answer = get("/v2/hub/no/such/tags/list");
    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.text()).contains("NAME_UNKNOWN");
  }

  private static String descriptor(String artifactType, char digit) {
    return "{\"mediaType\":\"%s\",\"digest\":\"sha256:%s\",\"size\":1,\"artifactType\":\"%s\"}"
        .formatted(MediaType.OCI_MANIFEST, String.valueOf(digit).repeat(64), artifactType);
  }

  @Test
  void referrersAreAnIndexOfAllPagesAndCanBeFiltered() throws IOException {
    String signature = descriptor("application/vnd.example.signature", 'a');
    String sbom = descriptor("application/vnd.example.sbom", 'b');
    String list =
        "{\"schemaVersion\":2,\"mediaType\":\"" + MediaType.OCI_INDEX + "\",\"manifests\":[%s]}";
    String path = "/v2/team/app/referrers/" + image.digest();
    upstream
        .on("GET", path)
        .answer(MediaType.OCI_INDEX, list.formatted(signature).getBytes(StandardCharsets.UTF_8))
        .header("Link", "<" + path + "?page=2>; rel=\"next\"")
        .times(1);
    upstream
        .on("GET", path)
        .answer(MediaType.OCI_INDEX, list.formatted(sbom).getBytes(StandardCharsets.UTF_8));

    Http.Answer all = get(APP + "/referrers/" + image.digest());
    assertThat(all.status()).isEqualTo(200);
    assertThat(all.header("Content-Type")).isEqualTo(MediaType.OCI_INDEX);
    assertThat(all.text()).isEqualTo(list.formatted(signature + "," + sbom));
    assertThat(all.headers()).doesNotContainKey("oci-filters-applied");
    Http.Answer filtered =
        get(APP + "/referrers/" + image.digest() + "?artifactType=application/vnd.example.sbom");
    assertThat(filtered.text()).isEqualTo(list.formatted(sbom));
    assertThat(filtered.header("OCI-Filters-Applied")).isEqualTo("artifactType");
    assertThat(upstream.count("GET", ".*/referrers/.*")).isEqualTo(2);
  }

  @Test
  void withoutReferrersTheAnswerIsAnEmptyIndex() throws IOException {
    Digest nobody = Digest.Algorithm.SHA256.of(new byte[] {1});
    for (boolean hasApi : new boolean[] {true, false}) {
      if (!hasApi) {
        upstream.withoutReferrers();
        clock.advance(Duration.ofMinutes(5));
      }
      Http.Answer answer = get(APP + "/referrers/" + nobody);
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.text())
          .isEqualTo(
              "{\"schemaVersion\":2,\"mediaType\":\""
                  + MediaType.OCI_INDEX
                  + "\",\"manifests\":[]}");
    }
  }

  @Test
  void whereThereIsNoApiTheTagSchemaIsRead() throws IOException {
    upstream.withoutReferrers();
    Digest referrer = upstream.image("team/app", "signature", new byte[] {1}).digest();
    upstream.index("team/app", "sha256-" + image.digest().hex(), referrer);
    assertThat(get(APP + "/referrers/" + image.digest()).text()).contains(referrer.toString());
  }

  /** GitLab answers the tag of the schema with the subject itself. */
  @Test
  void aTagThatLeadsToTheSubjectItselfIsNoListOfReferrers() throws IOException {
    upstream.withoutReferrers();
    upstream.tag("team/app", "sha256-" + image.digest().hex(), image.digest());
    assertThat(get(APP + "/referrers/" + image.digest()).text()).contains("\"manifests\":[]");
  }

  /** ghcr.io redirects the API to a page for people. */
  @Test
  void aPageInPlaceOfTheApiIsNoApi() throws IOException {
    upstream.on("GET", ".*/referrers/.*").html();
    assertThat(get(APP + "/referrers/" + image.digest()).text()).contains("\"manifests\":[]");
  }
}
