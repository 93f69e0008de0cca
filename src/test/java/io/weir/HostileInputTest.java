package io.weir;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.oci.Digest;
import io.weir.testing.Http;
import io.weir.testing.ScriptedUpstream;
import io.weir.testing.WeirServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that no honest client sends: a clear 4xx, no file touched, nobody dialled. */
class HostileInputTest {

  private static final String HEX =
      "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

  @TempDir private Path folder;
  @AutoClose private final ScriptedUpstream upstream = ScriptedUpstream.start();
  @AutoClose private WeirServer weir;
  private Path data;
  private List<Path> before;

  @BeforeEach
  void start() throws IOException {
    data = folder.resolve("store");
    Files.writeString(folder.resolve("secret"), "not for you");
    weir = WeirServer.in(data).defaultUpstream("hub").upstream("hub", upstream.url()).start();
    before = blobFiles();
  }

  @AfterEach
  void nothingWasTouched() throws IOException {
    assertThat(upstream.requests()).as("nobody was dialled").isEmpty();
    assertThat(blobFiles()).isEqualTo(before);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactlyInAnyOrder(data, folder.resolve("secret"));
    }
    assertThat(Http.get(weir.port(), "/v2/").status()).as("the server is well").isEqualTo(200);
  }

  private List<Path> blobFiles() throws IOException {
    try (Stream<Path> files = Files.walk(data)) {
      return files
          .filter(file -> !file.getFileName().toString().startsWith("index."))
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v2/../secret/manifests/latest",
        "/v2/hub/../../etc/passwd/manifests/latest",
        "/v2/hub/a/blobs/../../../secret",
        "/v2/%2e%2e/%2e%2e/secret/manifests/latest",
        "/v2/hub/%2e%2e%2fsecret/manifests/latest",
        "/v2/hub/a%00b/manifests/latest",
        "/v2/hub/a%252e/manifests/latest",
        "/v2//hub/app/manifests/latest",
        "/v2/hub//app/manifests/latest",
        "/v2/hub/app//manifests/latest",
        "//v2/hub/app/manifests/latest",
        "/v2/hub/app/manifests//latest",
        "/v2/hub/app/manifests/",
        "/v2/hub/UPPER/manifests/latest",
        "/v2/hub/app/manifests/latest/",
        "/v2/hub/.hidden/manifests/latest",
        "/v2/hub/a..b/manifests/latest",
        "/v2/hub/a--/manifests/latest",
        "/v2/hub/app/manifests/.hidden",
        "/v2/hub/app/manifests/a:b",
        "/v2/hub/app/blobs/latest",
        "/v2/hub/app/blobs/sha256:",
        "/v2/hub/app/blobs/sha256:0123",
        "/v2/hub/app/blobs/SHA256:" + HEX,
        "/v2/hub/app/blobs/md5:d41d8cd98f00b204e9800998ecf8427e",
        "/v2/hub/app/blobs/sha256:../../../../../../../../../../../../../../../etc/passwd00000000000",
        "/v2/hub/app/blobs/sha512:" + HEX,
        "/v2/hub/app/referrers/latest",
        "/v2/hub/app/tags/other",
        "/v2/hub/app",
        "/etc/passwd",
        "/",
        "/v2/hub/app/manifests/latest?ns=%zz",
        "/v2/hub/app/manifests/%C3%A9",
        "*",
      })
  void isAClear4xx(String target) throws IOException {
    Http.Answer answer = Http.get(weir.port(), target);
    assertThat(answer.status()).isBetween(400, 499);
    assertThat(answer.text()).startsWith("{\"errors\":[{\"code\":\"").doesNotContain("not for you");
    assertThat(answer.header("Content-Type")).isEqualTo("application/json");
  }

  @Test
  void upperCaseAndOtherWrongDigestsAreRefused() throws IOException {
    for (String digest :
        List.of(
            "sha256:" + "A".repeat(64),
            "sha256:" + "a".repeat(63),
            "sha256:" + "a".repeat(65),
            "sha256:" + "g".repeat(64))) {
      Http.Answer answer = Http.get(weir.port(), "/v2/hub/app/blobs/" + digest);
      assertThat(answer.status()).as(digest).isEqualTo(400);
      assertThat(answer.text()).contains("DIGEST_INVALID");
    }
  }

  @Test
  void aNameOf255CharactersIsTheLongest() throws IOException {
    String tooLong = "a/".repeat(127) + "bc";
    assertThat(tooLong).hasSize(256);
    Http.Answer answer = Http.get(weir.port(), "/v2/hub/" + tooLong + "/manifests/latest");
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.text()).contains("NAME_INVALID").contains("255");
  }

  @Test
  void aHugeNameDoesNotTakeLongToRefuse() throws IOException {
    String evil = "a-".repeat(3000) + "!";
    assertThat(Http.get(weir.port(), "/v2/hub/" + evil + "/manifests/latest").status())
        .isEqualTo(400);
  }

  @Test
  void oversizedHeadsAreRefused() throws IOException {
    assertThat(Http.get(weir.port(), "/v2/hub/" + "a".repeat(10_000) + "/manifests/x").status())
        .isEqualTo(414);
    assertThat(Http.get(weir.port(), "/v2/", "X-Big: " + "a".repeat(40_000)).status())
        .isEqualTo(431);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bytes=500-0",
        "bytes=-",
        "bytes=abc",
        "bytes=",
        "bytes=1",
        "bytes=--5",
        "bytes=0x1-5",
        "bytes=1-2-3"
      })
  void nonsenseRangesAre416(String range) throws IOException {
    Digest digest = Digest.parse("sha256:" + HEX);
    Http.Answer answer = Http.get(weir.port(), "/v2/hub/app/blobs/" + digest, "Range: " + range);
    assertThat(answer.status()).isEqualTo(416);
    assertThat(answer.text()).startsWith("{\"errors\":");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GARBAGE\r\n\r\n",
        "GET /v2/ HTTP/1.1\r\nbroken header line\r\n\r\n",
        "GET /v2/ HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n",
        "GET /v2/ HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        "GET /v2/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        "GET /v2/\0/x HTTP/1.1\r\nHost: x\r\n\r\n",
      })
  void whatIsNotHttpIsAnsweredWith400OrAClosedConnection(String request) throws IOException {
    try {
      assertThat(Http.raw(weir.port(), request).status()).isIn(400, 404, 200);
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("closed without an answer");
    }
  }

  @Test
  void aBodyWithAGetIsToleratedAndEndsTheConnection() throws IOException {
    Http.Answer answer =
        Http.raw(weir.port(), "GET /v2/ HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("Connection")).isEqualTo("close");
    assertThat(new String(answer.body(), StandardCharsets.US_ASCII)).isEqualTo("{}");
  }
}
