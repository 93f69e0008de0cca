package io.weir;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.Http;
import io.weir.testing.ScriptedUpstream;
import io.weir.testing.WeirServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every way to name an upstream, and every way to name none. */
class AddressingTest {

  @TempDir private Path data;
  @AutoClose private final ScriptedUpstream hub = ScriptedUpstream.start();
  @AutoClose private final ScriptedUpstream quay = ScriptedUpstream.start();
  @AutoClose private WeirServer weir;
  private ScriptedUpstream.Image nginx;
  private ScriptedUpstream.Image dotted;

  @BeforeEach
  void start() throws IOException {
    nginx = hub.image("library/nginx", "latest", bytes("nginx"));
    dotted = quay.image("foo.bar/img", "v1", bytes("a repository whose name looks like a host"));
    weir =
        WeirServer.in(data)
            .defaultUpstream("docker.io")
            .upstream(
                "docker.io", hub -> hub.host("hub.example.net").alias("index.docker.io"), hub.url())
            .upstream(
                "quay.io",
                quay -> quay.alias("quay").ownPort().deny("secret/**").allow("**"),
                quay.url())
            .start();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private Http.Answer get(String target, String... headers) throws IOException {
    return Http.get(weir.port(), target, headers);
  }

  /** What containerd says of an upstream whose name is no host: it knows the image's own. */
  @Test
  void theHostOfAUrlIsANamespaceWhereTheNameIsNone() throws IOException {
    String host = hub.url().getAuthority();
    try (WeirServer named = WeirServer.in(data.resolve("lab")).upstream("lab", hub.url()).start()) {
      for (String path : new String[] {"/v2/lab/library/nginx", "/v2/library/nginx"}) {
        String target = path + "/manifests/latest?ns=" + host;
        assertThat(Http.get(named.port(), target).status()).as(target).isEqualTo(200);
      }
      assertThat(Http.get(named.port(), "/v2/" + host + "/library/nginx/manifests/latest").status())
          .isEqualTo(404);
    }
    assertThat(get("/v2/library/nginx/manifests/latest?ns=" + host).status()).isEqualTo(404);
  }

  @Test
  void allWaysReachTheSameCopyAndUpstreamIsAskedOnce() throws IOException {
    String[] targets = {
      "/v2/docker.io/library/nginx/manifests/latest",
      "/v2/docker.io/nginx/manifests/latest",
      "/v2/index.docker.io/library/nginx/manifests/latest",
      "/docker.io/v2/library/nginx/manifests/latest",
      "/v2/library/nginx/manifests/latest?ns=docker.io",
      "/v2/library/nginx/manifests/latest?ns=index.docker.io",
      "/v2/docker.io/library/nginx/manifests/latest?ns=docker.io",
      "/docker.io/v2/library/nginx/manifests/latest?ns=docker.io",
      "/v2/library/nginx/manifests/latest",
      "/v2/nginx/manifests/latest",
    };
    for (String target : targets) {
      assertThat(get(target).body()).as(target).isEqualTo(nginx.manifest());
    }
    assertThat(get("/v2/library/nginx/manifests/latest", "Host: HUB.example.net:5000").body())
        .isEqualTo(nginx.manifest());
    assertThat(hub.requests()).hasSize(1);
    assertThat(quay.requests()).isEmpty();
  }

  @Test
  void anUpstreamsOwnPortTakesTheWholePathAsItsRepository() throws IOException {
    int own = weir.portOf("quay.io");
    assertThat(Http.get(own, "/v2/foo.bar/img/manifests/v1").body()).isEqualTo(dotted.manifest());
    assertThat(Http.get(own, "/v2/docker.io/library/nginx/manifests/latest").status())
        .isEqualTo(404);
    assertThat(hub.requests()).isEmpty();
  }

  @Test
  void aDotInARepositoryIsNotTakenForAHost() throws IOException {
    assertThat(get("/v2/foo.bar/img/manifests/v1?ns=quay.io").body()).isEqualTo(dotted.manifest());
    assertThat(get("/v2/quay.io/foo.bar/img/manifests/v1").body()).isEqualTo(dotted.manifest());
    assertThat(get("/v2/quay/foo.bar/img/manifests/v1").body()).isEqualTo(dotted.manifest());
    assertThat(hub.requests()).isEmpty();
  }

  @Test
  void theNamespaceIsEchoed() throws IOException {
    assertThat(get("/v2/library/nginx/manifests/latest?ns=docker.io").header("OCI-Namespace"))
        .isEqualTo("docker.io");
    assertThat(get("/v2/docker.io/library/nginx/manifests/latest").headers())
        .doesNotContainKey("oci-namespace");
  }

  @Test
  void anUnknownNamespaceIsRefusedAndNobodyIsDialled() throws IOException {
    for (String ns :
        new String[] {
          "evil.example",
          "http://127.0.0.1:" + hub.port(),
          "127.0.0.1:" + hub.port(),
          "docker.io:443",
          "",
          "DOCKER.IO",
          "docker.io/x"
        }) {
      Http.Answer answer =
          get(
              "/v2/library/nginx/manifests/latest?ns="
                  + ns.replace("/", "%2F").replace(":", "%3A"));
      assertThat(answer.status()).as("ns=%s", ns).isEqualTo(404);
      assertThat(answer.text()).contains("NAME_UNKNOWN");
    }
    assertThat(hub.requests()).isEmpty();
  }

  @Test
  void contradictionsAreRefused() throws IOException {
    assertThat(get("/quay.io/v2/library/nginx/manifests/latest?ns=docker.io").status())
        .isEqualTo(400);
    assertThat(get("/v2/library/nginx/manifests/latest?ns=docker.io&ns=quay.io").status())
        .isEqualTo(400);
    assertThat(get("/nosuch.io/v2/library/nginx/manifests/latest").status()).isEqualTo(404);
    assertThat(get("/v2/docker.io/manifests/latest").status()).isEqualTo(400);
    assertThat(hub.requests()).isEmpty();
    assertThat(quay.requests()).isEmpty();
  }

  @Test
  void withoutADefaultUpstreamARequestHasToNameOne() throws IOException {
    weir.close();
    weir = WeirServer.in(data).upstream("docker.io", hub.url()).start();
    assertThat(get("/v2/library/nginx/manifests/latest").status()).isEqualTo(404);
    assertThat(get("/v2/docker.io/library/nginx/manifests/latest").status()).isEqualTo(200);
  }

  @Test
  void theConfigurationClosesRepositories() throws IOException {
    Http.Answer answer = get("/v2/quay.io/secret/app/manifests/v1");
    assertThat(answer.status()).isEqualTo(403);
    assertThat(answer.text()).contains("DENIED");
    assertThat(quay.requests()).isEmpty();
  }

  @Test
  void thePingAnswersOnEveryWay() throws IOException {
    for (String target :
        new String[] {"/v2/", "/v2", "/docker.io/v2/", "/quay/v2", "/v2/?ns=quay.io"}) {
      assertThat(get(target).status()).as(target).isEqualTo(200);
      assertThat(get(target).text()).isEqualTo("{}");
    }
    assertThat(Http.get(weir.portOf("quay.io"), "/v2/").status()).isEqualTo(200);
  }

  @Test
  void theCatalogNamesWhatIsStoredAsTheAddressSeesIt() throws IOException {
    get("/v2/docker.io/library/nginx/manifests/latest");
    get("/v2/quay.io/foo.bar/img/manifests/v1");
    weir.close();
    weir =
        WeirServer.in(data)
            .upstream("docker.io", hub.url())
            .upstream("quay.io", quay -> quay.ownPort(), quay.url())
            .start();
    assertThat(get("/v2/_catalog").text())
        .isEqualTo("{\"repositories\":[\"docker.io/library/nginx\",\"quay.io/foo.bar/img\"]}");
    assertThat(Http.get(weir.portOf("quay.io"), "/v2/_catalog").text())
        .isEqualTo("{\"repositories\":[\"foo.bar/img\"]}");
    Http.Answer first = get("/v2/_catalog?n=1");
    assertThat(first.text()).isEqualTo("{\"repositories\":[\"docker.io/library/nginx\"]}");
    String next = first.header("Link").replaceAll("<(.*)>; rel=\"next\"", "$1");
    assertThat(get(next).text()).isEqualTo("{\"repositories\":[\"quay.io/foo.bar/img\"]}");
  }

  @Test
  void repositoriesMayHaveComponentsNamedLikeEndpoints() throws IOException {
    ScriptedUpstream.Image odd = quay.image("manifests/blobs/tags", "list", bytes("odd"));
    assertThat(get("/v2/quay.io/manifests/blobs/tags/manifests/list").body())
        .isEqualTo(odd.manifest());
    assertThat(get("/v2/quay.io/manifests/blobs/tags/tags/list").text())
        .isEqualTo("{\"name\":\"quay.io/manifests/blobs/tags\",\"tags\":[\"list\"]}");
  }
}
