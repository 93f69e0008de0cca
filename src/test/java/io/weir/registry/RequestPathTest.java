package io.weir.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.oci.ErrorCode;
import io.weir.oci.OciException;
import io.weir.registry.RequestPath.Endpoint;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestPathTest {

  @ParameterizedTest
  @CsvSource(
      nullValues = "null",
      value = {
        "/v2/,                                       PING,      null,      '',                 ''",
        "/v2,                                        PING,      null,      '',                 ''",
        "/docker.io/v2/,                             PING,      docker.io, '',                 ''",
        "/docker.io/v2,                              PING,      docker.io, '',                 ''",
        "/v2/_catalog,                               CATALOG,   null,      '',                 ''",
        "/v2/nginx/manifests/latest,                 MANIFEST,  null,      nginx,              latest",
        "/v2/docker.io/library/nginx/manifests/1.27, MANIFEST,  null,      docker.io/library/nginx, 1.27",
        "/quay.io/v2/a/b/tags/list,                  TAGS,      quay.io,   a/b,                ''",
        "/v2/a/blobs/sha256:abc,                     BLOB,      null,      a,                  sha256:abc",
        "/v2/a/blobs/sha256%3Aabc,                   BLOB,      null,      a,                  sha256:abc",
        "/v2/a/blobs/sha256%3aabc,                   BLOB,      null,      a,                  sha256:abc",
        "/v2/a/referrers/sha256:abc,                 REFERRERS, null,      a,                  sha256:abc",
        "/v2/blobs/manifests/tags/manifests/list,    MANIFEST,  null,      blobs/manifests/tags, list",
        "/v2/a/v2/b/manifests/x,                     MANIFEST,  null,      a/v2/b,             x",
        "/v2/tags/list/tags/list,                    TAGS,      null,      tags/list,          ''",
      })
  void isReadFromItsEnd(
      String path, Endpoint endpoint, @Nullable String prefix, String name, String reference) {
    assertThat(RequestPath.parse(path))
        .isEqualTo(new RequestPath(endpoint, prefix, name, reference));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "/v1/",
        "/v2x",
        "/v2/a",
        "/v2/a/b",
        "/v2/manifests/latest",
        "/a/b/v2/c/manifests/d",
        "/v2/a/tags/other",
        "/v2/a/manifests/",
      })
  void orNoEndpointHasIt(String path) {
    assertThatThrownBy(() -> RequestPath.parse(path))
        .isInstanceOfSatisfying(
            OciException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NAME_UNKNOWN));
  }

  @Test
  void noEscapeButTheColonsIsDecoded() {
    assertThatThrownBy(() -> RequestPath.parse("/v2/a%2fb/manifests/latest"))
        .isInstanceOfSatisfying(
            OciException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NAME_INVALID));
  }
}
